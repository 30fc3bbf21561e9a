import { loadConfig, type Config } from '../../runtime/config.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import type { CommandIo } from '../io.js';
import type { RunPreference } from './choose-run.js';
import { findRun } from './find-run.js';
import type { RunIdentity } from '../../steering/run-identity.js';
import { withTemporal } from './temporal-session.js';

/** A run that a command names, and what is needed to work with it. */
export interface NamedRun {
  readonly config: Config;
  readonly temporal: TemporalClient;
  readonly run: RunIdentity;
}

/** Finds the run that `id` means and works with it. @throws WrongUse when there is none */
export async function withRun<T>(
  id: string,
  preference: RunPreference,
  { env }: CommandIo,
  work: (named: NamedRun) => Promise<T>,
): Promise<T> {
  const config = loadConfig({ env });
  return withTemporal(config, async (temporal) =>
    work({ config, temporal, run: await findRun(temporal, id, preference) }),
  );
}
