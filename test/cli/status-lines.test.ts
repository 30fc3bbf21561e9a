import { describe, expect, it } from 'vitest';
import { statusDocument, statusLines, type StatusReport } from '../../cli/status/status-lines.js';

const REPORT: StatusReport = {
  nowMs: Date.UTC(2026, 1, 1, 12, 0, 0, 500),
  source: 'bybit',
  series: [
    {
      symbol: 'BTCUSDT',
      timeframe: '5m',
      candles: 25_920,
      firstMs: Date.UTC(2025, 10, 3),
      lastMs: Date.UTC(2026, 1, 1, 11, 55),
      gaps: 1,
      completeness: 0.99999,
      unasked: false,
    },
    {
      symbol: 'NEWUSDT',
      timeframe: '1d',
      candles: 0,
      firstMs: undefined,
      lastMs: undefined,
      gaps: 0,
      completeness: undefined,
      unasked: false,
    },
  ],
};

describe('statusLines', () => {
  it('is a table with a line for each series and a sum', () => {
    expect(statusLines(REPORT)).toEqual([
      'SYMBOL   TIMEFRAME  CANDLES  FIRST (UTC)       LAST (UTC)        GAPS  COMPLETE',
      'BTCUSDT  5m          25,920  2025-11-03 00:00  2026-02-01 11:55     1   99.99 %',
      'NEWUSDT  1d               0  -                 -                    0         -',
      '2 series, 25,920 candles, source bybit',
    ]);
  });

  it('names time between candles that nobody asked for', () => {
    const after = (...unasked: boolean[]): string[] => {
      const series = REPORT.series.map((line, i) => ({ ...line, unasked: unasked[i] ?? false }));
      return statusLines({ ...REPORT, series }).slice(4);
    };
    expect(after(true, false)).toEqual([
      '1 series has stretches between its first and last candle that nobody asked for: ' +
        'm1 gaps check names them, m1 backfill loads them',
    ]);
    expect(after(true, true)[0]).toMatch(/^2 series have stretches between their first/);
    expect(after(false, false)).toEqual([]);
  });

  it('says SIMULATED first', () => {
    for (const series of [REPORT.series, []]) {
      expect(statusLines({ ...REPORT, series, source: 'simulated' })[0]).toMatch(/^SIMULATED/);
    }
    expect(statusLines(REPORT).join()).not.toContain('SIMULATED');
  });

  it('says what to do with an empty database', () => {
    expect(statusLines({ ...REPORT, series: [], source: undefined })).toEqual([
      'nothing is stored yet: m1 backfill loads candles',
    ]);
  });
});

describe('statusDocument', () => {
  it('has the shape of the contract', () => {
    expect(statusDocument(REPORT)).toEqual({
      now: '2026-02-01T12:00:00Z',
      source: 'bybit',
      series: [
        {
          symbol: 'BTCUSDT',
          timeframe: '5m',
          candles: 25_920,
          first: '2025-11-03T00:00:00Z',
          last: '2026-02-01T11:55:00Z',
          gaps: 1,
          completeness: 0.99999,
        },
        {
          ...{ symbol: 'NEWUSDT', timeframe: '1d', candles: 0, first: null, last: null, gaps: 0 },
          completeness: null,
        },
      ],
    });
  });
});
