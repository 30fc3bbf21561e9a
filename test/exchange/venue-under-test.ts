import { onTestFinished } from 'vitest';
import {
  createBybitVenue,
  type BybitVenue,
  type BybitVenueOptions,
} from '../../exchange/bybit-venue.js';
import type { CandlePage } from '../../domain/page.js';
import { KLINE_WINDOW } from './envelopes.js';
import { RecordingBudget } from './recording-budget.js';
import { startScriptedServer, type Handler, type ScriptedServer } from './scripted-server.js';

/** The local clock of the tests: years away from the venue's, so mixing the two up shows. */
export const LOCAL_NOW_MS = 1_900_000_000_000;
export const BAN_WAIT_MS = 600_000;

export interface UnderTest {
  readonly venue: BybitVenue;
  readonly budget: RecordingBudget;
  readonly server: ScriptedServer;
  /** Asks for three candles of BTCUSDT 1h. */
  readonly page: (signal?: AbortSignal) => Promise<CandlePage>;
}

/** A venue against a scripted server; both are closed when the test ends. */
export async function venueAgainst(
  handler: Handler,
  options: Partial<BybitVenueOptions> = {},
): Promise<UnderTest> {
  const server = await startScriptedServer(handler);
  const budget = new RecordingBudget();
  const venue = createBybitVenue({
    restUrl: server.url,
    budget,
    banWaitMs: BAN_WAIT_MS,
    now: () => LOCAL_NOW_MS,
    ...options,
  });
  onTestFinished(async () => {
    await venue.close();
    await server.close();
  });
  return {
    venue,
    budget,
    server,
    page: (signal) =>
      venue.candles({ symbol: 'BTCUSDT', timeframe: '1h' }, KLINE_WINDOW, {
        budgetClass: 'backfill',
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}

/** What `work` throws. */
export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => {
      throw new Error(`expected a failure, got ${JSON.stringify(value).slice(0, 200)}`);
    },
    (error: unknown) => error,
  );
}
