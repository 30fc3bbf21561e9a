import type { Config } from '../../runtime/config.js';
import { readSetStatus } from '../../storage/set-status.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { readExactStatus, readStatus } from '../../storage/status.js';
import { withDatabase } from '../database.js';
import { print, printJson, type CommandIo } from '../io.js';
import { statusDocument, statusLines, type StatusReport } from './status-lines.js';

export interface ShowStatusOptions {
  readonly config: Pick<Config, 'postgres'>;
  /** Counts the stored rows. */
  readonly exact: boolean;
  readonly json: boolean;
}

/** Prints what is stored. @throws ServerAway, GiveUpRun when the database cannot be read */
export async function showStatus(options: ShowStatusOptions, io: CommandIo): Promise<void> {
  const { config, exact, json } = options;
  const report = await withDatabase(config.postgres, async (database): Promise<StatusReport> => {
    const [series, source] = await Promise.all([
      exact ? readExactStatus(database) : readStatus(database),
      new SqlSourceStore(database).label(),
    ]);
    const nowMs = Date.now();
    return { nowMs, source, series, set: await readSetStatus(database, series, nowMs) };
  });
  if (json) printJson(io, statusDocument(report));
  else print(io, statusLines(report));
}
