import { expect, it } from 'vitest';
import { verifyDocument, verifyLines, type VerifyReport } from '../../cli/render/verify-lines.js';
import type { Violation } from '../../domain/verify.js';

const FROM = Date.UTC(2026, 2, 1);

const violation = (i: number): Violation => ({
  ...{ symbol: 'BTCUSDT', timeframe: '5m', check: 'prices' },
  period: { fromMs: FROM + i * 300_000, toMs: FROM + (i + 1) * 300_000 },
  expected: '0 < low <= open, close <= high',
  found: 'open 1, high 0',
});

const CLEAN: VerifyReport = {
  ...{ source: 'bybit', series: 250, candles: 1_867_500, seconds: 5.3, violations: [] },
  ...{ venue: undefined, repair: undefined },
};

it('says what was looked at when nothing is wrong', () => {
  expect(verifyLines(CLEAN)).toEqual(['clean: 250 series, 1,867,500 candles, 5.3 s']);
  expect(verifyLines({ ...CLEAN, source: 'simulated' })[0]).toMatch(/^SIMULATED/);
  expect(verifyLines({ ...CLEAN, series: 0 })).toEqual([
    expect.stringMatching(/^nothing is stored/),
  ]);
  expect(verifyDocument(CLEAN)).toMatchObject({
    clean: true,
    violations: [],
    venue: null,
    repair: null,
  });
});

it('lists at most twenty violations, and all of them as JSON', () => {
  const violations = Array.from({ length: 23 }, (_, i) => violation(i));
  const lines = verifyLines({ ...CLEAN, violations });
  expect(lines.slice(0, 2)).toEqual([
    'SYMBOL   TIMEFRAME  TIME (UTC)        CANDLES  CHECK   EXPECTED                        FOUND',
    'BTCUSDT  5m         2026-03-01 00:00        1  prices  0 < low <= open, close <= high  open 1, high 0',
  ]);
  expect(lines.slice(21)).toEqual([
    'and 3 more: --json lists all',
    '23 violations: 250 series, 1,867,500 candles, 5.3 s',
  ]);
  const document = verifyDocument({ ...CLEAN, violations });
  expect(document['clean']).toBe(false);
  expect(document['violations']).toHaveLength(23);
  expect((document['violations'] as unknown[])[1]).toEqual({
    ...{ symbol: 'BTCUSDT', timeframe: '5m', check: 'prices', candles: 1 },
    ...{ time: '2026-03-01T00:05:00Z', to: '2026-03-01T00:10:00Z' },
    ...{ expected: '0 < low <= open, close <= high', found: 'open 1, high 0' },
  });
});

it('says what the exchange said, and what was repaired', () => {
  const venue = {
    ...{ stretches: 3, candles: 2_500, requests: 4, different: 1, amended: 2, differences: [] },
    unanswered: [{ symbol: 'OLDUSDT', timeframe: '1d', reason: 'Not supported symbols' } as const],
  };
  const report = {
    ...CLEAN,
    ...{ violations: [violation(0)], venue, repair: { asked: 5, missing: 2, remaining: [] } },
  };
  expect(verifyLines(report).slice(2)).toEqual([
    'compared with the exchange: 3 stretches, 2,500 candles, 4 requests; 1 difference',
    '2 of the newest candles may still be amended: the next sync reads them again',
    'not compared: OLDUSDT 1d: Not supported symbols',
    '1 violation: 250 series, 1,867,500 candles, 5.3 s',
    'repaired: nothing is wrong any more',
    'asked again for 5 candles, 3 came',
    '2 candles still missing: m1 gaps list',
  ]);
  expect(verifyDocument(report)['clean']).toBe(true);
  const left = { ...report, repair: { asked: 0, missing: 0, remaining: [violation(4)] } };
  expect(verifyLines(left).slice(6)).toEqual([
    'repaired, but 1 violation left:',
    expect.stringMatching(/^SYMBOL/),
    expect.stringContaining('00:20'),
  ]);
  expect(verifyDocument(left)['clean']).toBe(false);
});
