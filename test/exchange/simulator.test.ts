import { describe, expect, onTestFinished, test } from 'vitest';
import { GiveUpRun, GiveUpSymbol, RetrySoon, WaitUntil } from '../../domain/failure.js';
import type { CandlePage } from '../../domain/page.js';
import type { TimeRange } from '../../domain/time-range.js';
import { TIMEFRAMES, openTimeMs, timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import { createBybitVenue, type BybitVenue } from '../../exchange/bybit-venue.js';
import type { FaultEffect } from '../../simulator/fault-rule.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { RecordingBudget } from './recording-budget.js';
import { thrownBy } from './venue-under-test.js';

const NOW = '2026-02-15T09:31:40Z';
const NOW_MS = Date.parse(NOW);
const SYMBOL = 'BTCUSDT';
const UPKEEP = { budgetClass: 'upkeep' } as const;

interface Bench {
  readonly simulator: Simulator;
  readonly venue: BybitVenue;
  readonly budget: RecordingBudget;
  readonly page: (timeframe: Timeframe, window?: TimeRange) => Promise<CandlePage>;
  readonly expectTruth: (page: CandlePage, timeframe: Timeframe) => void;
}

async function start(options: SimulatorOptions = {}): Promise<Bench> {
  const simulator = await startSimulator({ now: NOW, speed: 0, pairs: 8, ...options });
  const budget = new RecordingBudget();
  const venue = createBybitVenue({
    restUrl: simulator.url,
    budget,
    banWaitMs: 600_000,
  });
  onTestFinished(async () => {
    await venue.close();
    await simulator.close();
    expect(budget.settled).toEqual(budget.taken.map(() => 1));
  });
  return {
    simulator,
    venue,
    budget,
    page: (timeframe, window = newest(timeframe)) =>
      venue.candles({ symbol: SYMBOL, timeframe }, window, UPKEEP),
    expectTruth: ({ window, candles }, timeframe) => {
      const rows = simulator.truth.candles(SYMBOL, timeframe, window.fromMs, window.toMs);
      const { openTimeMs: times, open, high, low, close, volume, turnover } = candles;
      const columns = [times, open, high, low, close, volume, turnover];
      expect(columns.map((column) => [...column])).toEqual(
        columns.map((_, column) => rows.map((row) => Number(row[column]))),
      );
    },
  };
}

/** A full page that ends with the open candle. */
function newest(timeframe: Timeframe): TimeRange {
  const toMs = openTimeMs(timeframe, NOW_MS) + timeframeMs(timeframe);
  return { fromMs: toMs - 1000 * timeframeMs(timeframe), toMs };
}

describe('a page equals the truth', () => {
  test.each(TIMEFRAMES)('%s', async (timeframe) => {
    const { page, expectTruth } = await start();
    const answer = await page(timeframe);
    expect(answer.candles.openTimeMs).toHaveLength(1000);
    expect(answer.venueTimeMs).toBe(NOW_MS);
    expectTruth(answer, timeframe);
  });

  test('of one candle, and across a hole', async () => {
    const { page, expectTruth, simulator } = await start();
    const { fromMs } = newest('5m');
    const hole = { fromMs: fromMs + 3_000_000, toMs: fromMs + 6_000_000 };
    simulator.control.changeSymbol(SYMBOL, { holes: [hole] });
    const whole = await page('5m');
    expect(whole.candles.openTimeMs).toHaveLength(990);
    expectTruth(whole, '5m');
    const one = await page('5m', { fromMs, toMs: fromMs + 300_000 });
    expect(one.candles.openTimeMs).toHaveLength(1);
    expectTruth(one, '5m');
  });

  test.each(['strict', 'stale'] as const)('empty window, %s venue', async (emptyWindow) => {
    const { page, simulator } = await start({ quirks: { emptyWindow } });
    const { fromMs, toMs } = newest('5m');
    simulator.control.changeSymbol(SYMBOL, { holes: [{ fromMs, toMs }] });
    const answer = await page('5m');
    expect(answer.candles.openTimeMs).toHaveLength(0);
    expect(answer.skippedMs).toEqual([]);
  });

  test.each(['unsorted', 'duplicates', 'outside'] as const)('%s', async (kind) => {
    const { page, expectTruth, simulator } = await start();
    simulator.faults.add({ effect: { kind, rows: 5 } });
    const { fromMs, toMs } = newest('1h');
    const inner = { fromMs: fromMs + 36_000_000, toMs: toMs - 36_000_000 };
    expectTruth(await page('1h', inner), '1h');
  });

  test.each(['nullCells', 'emptyCells'] as const)('%s are listed as skipped', async (kind) => {
    const { page, simulator } = await start();
    simulator.faults.add({ effect: { kind, rows: 3 } });
    const { candles, skippedMs } = await page('1h');
    expect(candles.openTimeMs).toHaveLength(997);
    expect(skippedMs).toHaveLength(3);
    const { fromMs } = newest('1h');
    const all = [...candles.openTimeMs, ...skippedMs].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 1000 }, (_, i) => fromMs + i * 3_600_000));
  });
});

describe('faults', () => {
  const kinds: readonly (readonly [FaultEffect, new (...args: never) => Error])[] = [
    ...(
      [
        'conflicts',
        'nonNumeric',
        'offGrid',
        'shortRows',
        'resultNull',
        'listNull',
        'html200',
        'truncated',
        'emptyBody',
        'emptyObject',
        'reset',
      ] as const
    ).map((kind) => [{ kind }, RetrySoon] as const),
    [{ kind: 'status', status: 502, body: 'html' }, RetrySoon],
    [{ kind: 'status', status: 403, body: 'ban' }, WaitUntil],
    [{ kind: 'status', status: 403, body: 'region' }, GiveUpRun],
    [{ kind: 'status', status: 429, body: 'html' }, WaitUntil],
    [{ kind: 'retCode', retCode: 10006 }, WaitUntil],
    [{ kind: 'retCode', retCode: 10016 }, RetrySoon],
    [{ kind: 'retCode', retCode: 10009 }, GiveUpRun],
  ];

  test.each(kinds)('%j', async (effect, failure) => {
    const { page, simulator, expectTruth } = await start();
    simulator.faults.add({ effect, times: 1 });
    expect(await thrownBy(page('15m'))).toBeInstanceOf(failure);
    expectTruth(await page('15m'), '15m');
  });

  test.each(['object', 'null'] as const)('unknown symbol, result %s', async (errorResult) => {
    const { venue } = await start({ quirks: { errorResult } });
    const series = { symbol: 'NOSUCHUSDT', timeframe: '1d' } as const;
    const error = await thrownBy(venue.candles(series, newest('1d'), UPKEEP));
    expect(error).toBeInstanceOf(GiveUpSymbol);
  });

  test.each(['text', 'json'] as const)('the ban of a breached limit, as %s', async (banBody) => {
    const { venue, budget } = await start({ limit: 5, quirks: { banBody } });
    const asked = Array.from({ length: 12 }, () => venue.serverTimeMs(UPKEEP));
    const outcomes = await Promise.allSettled(asked);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(7);
    for (const { reason } of refused)
      expect(reason).toMatchObject({ name: 'WaitUntil', ban: true });
    expect(budget.bans).toHaveLength(7);
  });
});

test('listing, turnover and time', async () => {
  const { venue, simulator } = await start();
  const instruments = await venue.instruments(UPKEEP);
  const turnovers = await venue.turnovers(UPKEEP);
  const names = simulator.truth.symbols().sort();
  expect(instruments.map(({ symbol }) => symbol).sort()).toEqual(names);
  expect(turnovers.map(({ symbol }) => symbol).sort()).toEqual(names);
  expect(instruments.find(({ symbol }) => symbol === SYMBOL)).toMatchObject({
    base: 'BTC',
    quote: 'USDT',
  });
  expect(await venue.serverTimeMs(UPKEEP)).toBe(NOW_MS);
});
