import { describe, expect, it } from 'vitest';
import type { BackfillPlan, BackfillResult } from '../../domain/backfill.js';
import { clip, formatSeconds, formatShort, plural } from '../../cli/render/format.js';
import { summaryLines } from '../../cli/render/run-summary.js';
import { runTable } from '../../cli/render/run-table.js';
import { renderTable } from '../../cli/render/table.js';
import type { ListedRun } from '../../domain/listed-run.js';

const RESULT: BackfillResult = {
  status: 'done',
  series: 25,
  candles: 60_000,
  requests: 75,
  seconds: 7.25,
  failed: [],
};

describe('figures', () => {
  it.each([
    [0, '0 s'],
    [0.04, '0.0 s'],
    [7.25, '7.3 s'],
    [9.97, '10 s'],
    [59.4, '59 s'],
    [200, '3 min 20 s'],
    [7_500, '2 h 5 min'],
    [356_400, '4 d 3 h'],
  ])('%d s is %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it('shortens large counts', () => {
    expect([9_999, 12_345, 123_456, 4_567_890].map(formatShort)).toEqual([
      '9,999',
      '12.3k',
      '123k',
      '4.6M',
    ]);
  });

  it('clips and counts', () => {
    expect(clip('abcdef', 4)).toBe('abc…');
    expect([plural(1, 'candle'), plural(2_000, 'candle'), plural(2, 'series')]).toEqual([
      '1 candle',
      '2,000 candles',
      '2 series',
    ]);
  });
});

describe('renderTable', () => {
  it('aligns, and leaves no spaces at the end', () => {
    const columns = [{ title: 'A' }, { title: 'NUMBER', align: 'right' as const }, { title: 'C' }];
    expect(
      renderTable(columns, [
        ['long name', '1', ''],
        ['x', '1,000', 'y'],
      ]),
    ).toEqual(['A          NUMBER  C', 'long name       1', 'x           1,000  y']);
  });
});

describe('summaryLines', () => {
  it('sums up a run', () => {
    expect(summaryLines(RESULT)).toEqual([
      'done: 25 series, 60,000 new candles, 75 requests, 7.3 s',
    ]);
  });

  it('marks what is simulated', () => {
    expect(summaryLines(RESULT, 'simulated')[0]).toMatch(/^SIMULATED done: /);
  });

  it('says when nothing had failed, which is no run of nothing', () => {
    const none = { ...RESULT, series: 0, candles: 0, requests: 1 };
    expect(summaryLines(none)).toEqual(['nothing failed: there is nothing to do']);
    expect(summaryLines({ ...none, requests: 3 })[0]).toMatch(/^done: 0 series/);
  });

  it('lists failed series with their reasons and the next step', () => {
    const failed = [{ symbol: 'ABCUSDT', timeframe: '5m', reason: 'no answer' }] as const;
    expect(summaryLines({ ...RESULT, status: 'partial', failed })).toEqual([
      'finished, 1 series failed: 25 series, 60,000 new candles, 75 requests, 7.3 s',
      '  failed: ABCUSDT 5m: no answer',
      'ask for the failed series again with the same command and --only-failed',
    ]);
  });

  it('prints a plan', () => {
    const plan: BackfillPlan = {
      source: 'bybit',
      databaseId: 'one',
      venueTimeMs: Date.UTC(2026, 1, 1),
      fromMs: Date.UTC(2026, 0, 1),
      toMs: Date.UTC(2026, 1, 1),
      toNow: false,
      symbols: [
        { symbol: 'BTCUSDT', timeframes: ['5m', '1h'], candles: 9_672, requests: 10 },
        { symbol: 'ETHUSDT', timeframes: ['1h'], candles: 744, requests: 1 },
      ],
      series: 4,
      requests: 3,
      seconds: 1,
    };
    expect(summaryLines({ ...RESULT, series: 4, plan })).toEqual([
      'plan: 4 series from 2026-01-01 00:00 to 2026-02-01 00:00 UTC',
      'SYMBOL   TIMEFRAMES  CANDLES  REQUESTS',
      'BTCUSDT  5m 1h         9,672        10',
      'ETHUSDT  1h              744         1',
      'total                 10,416        11',
      'at most these candles and requests (less for pairs listed later), about 1.0 s at the present budget',
    ]);
    expect(summaryLines({ ...RESULT, plan: { ...plan, symbols: [] } })[0]).toContain(
      'nothing to do',
    );
  });
});

describe('runTable', () => {
  it('puts what runs first', () => {
    const ended: ListedRun = {
      workflowId: 'backfill/bybit/top5/all/30d',
      runId: 'a',
      kind: 'backfill',
      status: 'completed',
      phase: 'finished',
      startedAtMs: 60_000,
      closedAtMs: 100_000,
    };
    const running = {
      ...ended,
      workflowId: 'w2',
      status: 'running',
      phase: 'paused',
      startedAtMs: 0,
      closedAtMs: undefined,
    };
    expect(runTable([ended, running], 120_000)).toEqual([
      'KIND      STATUS            STARTED (UTC)      DURATION  ID',
      'backfill  running (paused)  1970-01-01 00:00  2 min 0 s  w2',
      'backfill  completed         1970-01-01 00:01       40 s  backfill/bybit/top5/all/30d',
    ]);
    expect(runTable([], 0)).toEqual(['no runs yet: m1 backfill starts one']);
  });
});
