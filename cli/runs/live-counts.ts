import type { RunCounts } from '../../domain/stores.js';
import type { Config } from '../../runtime/config.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { readRunCounts } from '../../storage/status.js';
import type { ReadLiveCounts } from './follow-run.js';

/** After a failure the database is left alone for this long, ms. */
const RETRY_MS = 10_000;

export interface LiveCounts {
  /** Never fails: without the database a run is shown by its query alone. */
  readonly read: ReadLiveCounts;
  close(): Promise<void>;
}

/** Reads what the symbols under way have stored so far. */
export function openLiveCounts({ postgres }: Pick<Config, 'postgres'>): LiveCounts {
  const database = new PostgresDatabase({ ...postgres, maxConnections: 1 });
  let pausedUntilMs = 0;
  return {
    read: async (running) => {
      if (performance.now() < pausedUntilMs) return new Map();
      try {
        const runIds = running.map(({ runId }) => runId);
        const counts = await readRunCounts(database, runIds);
        const none: RunCounts = { requests: 0, candles: 0 };
        return new Map(running.map(({ symbol, runId }) => [symbol, counts.get(runId) ?? none]));
      } catch {
        pausedUntilMs = performance.now() + RETRY_MS;
        return new Map();
      }
    },
    close: () => database.close(),
  };
}
