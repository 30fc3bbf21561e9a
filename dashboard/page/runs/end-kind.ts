import type { ListedRun } from '../../api.js';

/** What the end of a run means to who looks: `warn` wants a look, only `bad` is a failure. */
export type EndKind = 'good' | 'quiet' | 'warn' | 'bad';

const KINDS: Readonly<Record<string, EndKind>> = {
  completed: 'good',
  stopped: 'good',
  // by hand
  cancelled: 'quiet',
  // it came to its end and found, or left, something that is not as it should be
  partial: 'warn',
  alerting: 'warn',
};

/** Of a run that has ended. */
export function endKind({ status }: Pick<ListedRun, 'status'>): EndKind {
  return KINDS[status] ?? 'bad';
}
