import { WrongUse } from '../../domain/failure.js';
import type { StackMode } from '../../runtime/stack-file.js';

/** What `--live` and `--simulated` ask for. @throws WrongUse for both */
export function askedMode(flags: {
  readonly live: boolean;
  readonly simulated: boolean;
}): StackMode | undefined {
  if (flags.live && flags.simulated)
    throw new WrongUse('--live and --simulated exclude each other');
  if (flags.live) return 'live';
  return flags.simulated ? 'simulated' : undefined;
}
