import type { RunCounts } from '../../domain/stores.js';
import type { Config } from '../../runtime/config.js';
import { SqlBanStore } from '../../storage/ban-store.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { readRunCounts } from '../../storage/status.js';
import type { ReadBanMs } from './ban-notice.js';
import type { ReadLiveCounts } from './follow-run.js';

/** After a failure the database is left alone for this long, ms. */
const RETRY_MS = 10_000;

export interface LiveCounts {
  /** Never fails: without the database a run is shown by its query alone. */
  readonly read: ReadLiveCounts;
  /** Never fails: without the database no ban is told of. */
  readonly readBanMs: ReadBanMs;
  close(): Promise<void>;
}

/** Reads what the symbols under way have stored so far, and why nothing is asked. */
export function openLiveCounts({ postgres }: Pick<Config, 'postgres'>): LiveCounts {
  const database = new PostgresDatabase({ ...postgres, maxConnections: 1 });
  const bans = new SqlBanStore(database);
  let pausedUntilMs = 0;
  const unlessAway = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    if (performance.now() < pausedUntilMs) return undefined;
    try {
      return await work();
    } catch {
      pausedUntilMs = performance.now() + RETRY_MS;
      return undefined;
    }
  };
  return {
    read: async (running) => {
      const runIds = running.map(({ runId }) => runId);
      const counts = await unlessAway(() => readRunCounts(database, runIds));
      if (counts === undefined) return new Map();
      const none: RunCounts = { requests: 0, candles: 0 };
      return new Map(running.map(({ symbol, runId }) => [symbol, counts.get(runId) ?? none]));
    },
    readBanMs: () => unlessAway(() => bans.notBeforeMs()),
    close: () => database.close(),
  };
}
