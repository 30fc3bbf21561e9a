import type { Criterion } from './judge-soak.js';
import type { SoakRecord } from './soak-sample.js';

/** A soak and its verdict. */
export interface SoakFindings {
  /** Label of the venue; undefined when the stream never told. */
  readonly source: string | undefined;
  /** Followed at the end. */
  readonly symbols: readonly string[];
  readonly record: SoakRecord;
  readonly criteria: readonly Criterion[];
}

export function hasPassed({ criteria }: Pick<SoakFindings, 'criteria'>): boolean {
  return criteria.every(({ passed }) => passed);
}
