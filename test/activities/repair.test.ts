import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CurrentListing } from '../../activities/repair/current-listing.js';
import { Repair } from '../../activities/repair/repair.js';
import { emptyCandles } from '../../domain/candles.js';
import { GiveUpRun, GiveUpSymbol, RetrySoon } from '../../domain/failure.js';
import type { Instrument } from '../../domain/instrument.js';
import type { CandlePage } from '../../domain/page.js';
import { NO_REPAIRS } from '../../domain/repair.js';
import type { Series } from '../../domain/series.js';
import type { TimeRange } from '../../domain/time-range.js';
import { timeframeMs } from '../../domain/timeframe.js';
import type { Venue } from '../../domain/venue.js';
import { createRegistry } from '../../runtime/metrics/registry.js';
import { createRepairMetrics, type RepairMetrics } from '../../runtime/metrics/repair-metrics.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { SqlGapQueue } from '../../storage/gap-queue.js';
import { readGaps } from '../../storage/read-gaps.js';
import { SqlSymbolStore } from '../../storage/symbol-store.js';
import { clear, openPostgres, opened, type TestDatabase } from '../storage/databases.js';
import { at, candlesAt, numbers, ORIGIN, pageOf, SERIES } from '../storage/pages.js';
import { broken, readStored } from '../storage/stored.js';

/** Long enough that nothing of it passes within a test. */
const WAIT_MS = 600_000;
const REPAIR = { source: 'repair', workflowId: 'repair/bybit', runId: 'run' } as const;

/** A venue that has every candle up to `VENUE_TIME_MS` but those of `missing`. */
const VENUE_TIME_MS = at(5_000);

type Answer = (series: Series, window: TimeRange) => CandlePage;

const everything =
  (missing: readonly number[] = []): Answer =>
  (series, window) => {
    const lengthMs = timeframeMs(series.timeframe);
    const first = (window.fromMs - at(0)) / lengthMs;
    const indexes = numbers(first, first + (window.toMs - window.fromMs) / lengthMs);
    const has = (i: number) => !missing.includes(i);
    const candles = candlesAt(indexes.filter(has), series.timeframe);
    return { window, venueTimeMs: VENUE_TIME_MS, candles, skippedMs: [] };
  };

describe('one attempt of the repair', () => {
  let test_: TestDatabase;
  let nowMs: number;
  let store: SqlCandleStore;
  let queue: SqlGapQueue;
  let asked: (Series & TimeRange)[];
  let answer: Answer;
  let listed: readonly string[];
  let registry: ReturnType<typeof createRegistry>;
  let metrics: RepairMetrics;
  /** Steady clock since which the test's own runs; undefined: it stands. */
  let runsSince: number | undefined;
  const now = () => nowMs + (runsSince === undefined ? 0 : performance.now() - runsSince);

  beforeAll(async () => {
    test_ = await opened(openPostgres);
  });
  afterAll(() => test_.close());
  beforeEach(async () => {
    await clear(test_.database);
    nowMs = at(6_000);
    const options = { database: test_.database, reaskMs: [WAIT_MS], now };
    store = new SqlCandleStore(options);
    queue = new SqlGapQueue(options);
    asked = [];
    answer = everything();
    listed = ['BTCUSDT', 'ETHUSDT'];
    registry = createRegistry();
    metrics = createRepairMetrics(registry);
    runsSince = undefined;
  });

  const venue: Venue = {
    serverTimeMs: () => Promise.resolve(VENUE_TIME_MS),
    turnovers: () => Promise.resolve([]),
    instruments: () => Promise.resolve(listed.map(instrument)),
    candles: (series, window) => {
      asked.push({ ...series, ...window });
      return Promise.resolve().then(() => answer(series, window));
    },
  };

  function repair() {
    const signal = new AbortController().signal;
    const symbols = new SqlSymbolStore(test_.database);
    return new Repair(
      {
        ...{ venue, candles: store, gaps: queue, origin: REPAIR, reaskMs: WAIT_MS, signal },
        listing: new CurrentListing({ venue, symbols, signal }),
        metrics,
        onProgress: () => undefined,
        nowMs: now,
      },
      NO_REPAIRS,
    ).run();
  }

  const span = (from: number, to: number) => ({ fromMs: at(from), toMs: at(to) });
  const failed = (from: number, to: number, series: Series = SERIES) =>
    store.settleFailed(series, [span(from, to)], ORIGIN, 'HTTP 502');
  const openGaps = async () => (await readGaps(test_.database, { openOnly: true })).gaps;

  it('asks for neighbours together, with a candle on either side, and stores the gaps alone', async () => {
    await failed(10, 12);
    await failed(20, 30);
    await failed(2_000, 2_001);
    nowMs += WAIT_MS;
    expect(await repair()).toEqual({ requests: 2, candles: 21, gaps: 3, waiting: 0 });
    expect(asked).toEqual([
      { ...SERIES, ...span(9, 31) },
      { ...SERIES, ...span(1_999, 2_002) },
    ]);
    const stored = await readStored(test_.database);
    expect(stored.covered).toEqual([span(10, 30), span(2_000, 2_001)]);
    expect(broken(stored)).toEqual([]);
  });

  it('never asks for more than a page holds', async () => {
    for (const [from, to] of [
      ...[[0, 998] as const, [2_000, 2_999] as const, [3_500, 4_500] as const],
    ]) {
      await failed(from, to);
    }
    nowMs += WAIT_MS;
    await repair();
    expect(asked.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [at(-1), at(999)],
      [at(1_999), at(2_999)],
      [at(3_500), at(4_500)],
    ]);
  });

  it('tells how long gaps were open, and what it did', async () => {
    await failed(10, 12);
    await failed(15, 16);
    nowMs += WAIT_MS;
    answer = everything([15]);
    await repair();
    const text = await registry.metrics();
    expect(text).toContain(`m1_repair_time_seconds_sum{kind="failed"} ${WAIT_MS / 1000}`);
    expect(text).toContain('m1_repair_time_seconds_count{kind="failed"} 1');
    expect(text).toMatch(/m1_repair_requests_total 1\n/);
    expect(text).toMatch(/m1_repair_gaps_total 2\n/);
    expect(text).toMatch(/m1_repair_candles_total 5\n/);
  });

  it('says when the next gap is due', async () => {
    await store.storePage(pageOf(0, 10, [0, 1, 3, 4, 5, 6, 7, 8, 9]));
    answer = everything([2]);
    nowMs += WAIT_MS - 60_000;
    expect(await repair()).toEqual({ ...NO_REPAIRS, waiting: 1, dueInMs: 60_000 });
    nowMs += 60_000;
    expect(await repair()).toEqual({ requests: 1, candles: 0, gaps: 1, waiting: 0 });
    expect(await openGaps()).toMatchObject([
      {
        kind: 'no_trades',
        answers: [
          { workflowId: ORIGIN.workflowId },
          { workflowId: REPAIR.workflowId, window: span(1, 4), rows: 2 },
        ],
      },
    ]);
  });

  it('an answer without any row is asked for twice, and keeps its distance', async () => {
    await failed(10, 20);
    nowMs += WAIT_MS;
    answer = (_, window) => ({
      ...{ window, venueTimeMs: VENUE_TIME_MS, candles: emptyCandles(0), skippedMs: [] },
    });
    expect(await repair()).toMatchObject({ requests: 2, dueInMs: WAIT_MS });
    expect(await openGaps()).toMatchObject([{ kind: 'unconfirmed', asked: 1 }]);
  });

  it('a page that fails waits its turn, and its neighbours are mended', async () => {
    const other = { symbol: 'ETHUSDT', timeframe: '5m' } as const;
    await failed(10, 12);
    await failed(10, 12, other);
    nowMs += WAIT_MS;
    let failures = 0;
    answer = (series, window) => {
      if (series.symbol === other.symbol && failures++ < 2) throw new RetrySoon('HTTP 500');
      return everything()(series, window);
    };
    runsSince = performance.now();
    expect(await repair()).toMatchObject({ candles: 4, waiting: 0 });
    expect(failures).toBe(3);
    // a second, then two
    expect(performance.now() - runsSince).toBeGreaterThan(2_900);
  });

  it('what no page can help ends the attempt', async () => {
    await failed(10, 12);
    nowMs += WAIT_MS;
    answer = () => {
      throw new GiveUpRun('a region that is not served');
    };
    await expect(repair()).rejects.toThrow('a region that is not served');
  });

  it('a pair that is refused is sealed when the listing lacks it, else asked later', async () => {
    const other = { symbol: 'ETHUSDT', timeframe: '5m' } as const;
    for (const series of [SERIES, other]) {
      await store.storePage(pageOf(0, 5, numbers(0, 5), { series }));
      await failed(5, 12, series);
    }
    nowMs += WAIT_MS;
    listed = ['ETHUSDT'];
    answer = () => {
      throw new GiveUpSymbol('retCode 10001');
    };
    expect(await repair()).toEqual({ requests: 0, candles: 0, gaps: 2, waiting: 1, dueInMs: 3_600_000 }); // prettier-ignore
    expect(await openGaps()).toMatchObject([
      {
        ...{ symbol: 'BTCUSDT', kind: 'after_delisting', nextAskMs: undefined },
        reason: 'the venue no longer lists the pair',
      },
      { symbol: 'ETHUSDT', kind: 'failed', nextAskMs: nowMs + 3_600_000 },
    ]);
    expect(await new SqlSymbolStore(test_.database).activeSymbols()).toEqual(['ETHUSDT']);
    expect(await registry.metrics()).toContain('m1_repair_typed_total{kind="after_delisting"} 1');
  });
});

function instrument(symbol: string): Instrument {
  return {
    symbol,
    base: symbol.slice(0, -4),
    quote: 'USDT',
    pricePrecision: 1,
    amountPrecision: 1,
  };
}
