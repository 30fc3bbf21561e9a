import { describe, expect, it } from 'vitest';
import {
  freshnessBoundMs,
  judgeAlerts,
  NOTHING_TOLD,
  noticeText,
  seriesBehind,
  type AlertState,
  type FreshnessReport,
} from '../../domain/freshness.js';

const NOW = Date.UTC(2026, 0, 15);
const DAY = 86_400_000;

const REPORT: FreshnessReport = {
  source: 'bybit',
  series: 5,
  behind: [],
  streamSilentSinceMs: undefined,
  unreadable: undefined,
};
const behind = (...symbols: string[]): FreshnessReport => ({
  ...REPORT,
  behind: symbols.map((symbol) => ({ symbol, timeframe: '5m', newestMs: NOW })),
});

describe('seriesBehind', () => {
  const series = { symbol: 'BTCUSDT', timeframe: '5m' } as const;
  const boundMs = freshnessBoundMs('5m');

  it('allows two candles and two minutes', () => {
    expect(boundMs).toBe(12 * 60_000);
    const followed = [{ ...series, sinceMs: NOW - DAY, newestMs: NOW, provedMs: NOW }];
    expect(seriesBehind(followed, NOW + boundMs, NOW)).toEqual([]);
    expect(seriesBehind(followed, NOW + boundMs + 1, NOW)).toEqual([{ ...series, newestMs: NOW }]);
  });

  it('leaves a pair that joined lately the same time, and then wants candles of it', () => {
    const joined = (agoMs: number) => [
      { ...series, sinceMs: NOW - agoMs, newestMs: undefined, provedMs: undefined },
    ];
    expect(seriesBehind(joined(boundMs), NOW, NOW)).toEqual([]);
    expect(seriesBehind(joined(boundMs + 1), NOW, NOW)).toHaveLength(1);
  });
});

describe('seriesBehind of a venue that answers and has no candles', () => {
  const quiet = (symbol: string, timeframe: '5m' | '15m' = '5m') => ({
    ...{ symbol, timeframe, sinceMs: NOW - DAY, newestMs: NOW },
    provedMs: NOW - freshnessBoundMs(timeframe) - 1,
  });

  it('believes it of some pairs, and not of all', () => {
    const busy = { ...quiet('C'), provedMs: NOW };
    expect(seriesBehind([quiet('A'), quiet('B'), busy, quiet('A', '15m')], NOW, NOW)).toEqual([
      { symbol: 'A', timeframe: '15m', newestMs: quiet('A', '15m').provedMs },
    ]);
    const all = ['A', 'B', 'C'].map((symbol) => quiet(symbol));
    expect(seriesBehind(all, NOW, NOW)).toEqual(
      all.map(({ symbol, timeframe, provedMs }) => ({ symbol, timeframe, newestMs: provedMs })),
    );
  });

  it('does not wait for pairs that joined lately', () => {
    const joined = { ...quiet('B'), sinceMs: NOW, provedMs: NOW };
    expect(seriesBehind([quiet('A'), joined], NOW, NOW)).toHaveLength(1);
  });
});

describe('judgeAlerts', () => {
  /** Judges one report after the other, a minute apart; answers what was told each time. */
  function told(reports: readonly FreshnessReport[], stepMs = 60_000): string[][] {
    let state: AlertState = NOTHING_TOLD;
    return reports.map((report, i) => {
      const judged = judgeAlerts(state, report, NOW + i * stepMs);
      state = { ...judged.state, unsent: [] };
      return judged.notices.map(({ status, problems }) =>
        [status, ...problems.map(({ key }) => key)].join(' '),
      );
    });
  }

  it('tells a change once', () => {
    expect(
      told([REPORT, behind('A'), behind('A'), behind('A', 'B'), behind('B'), REPORT, REPORT]),
    ).toEqual([
      [],
      ['raised A 5m'],
      [],
      ['raised B 5m'],
      ['recovered A 5m'],
      ['recovered B 5m'],
      [],
    ]);
  });

  it('reminds once a day of what stays', () => {
    const reports = Array.from({ length: 9 }, () => behind('A'));
    expect(told(reports, DAY / 4).flat()).toEqual([
      'raised A 5m',
      'reminder A 5m',
      'reminder A 5m',
    ]);
  });

  it('takes nothing for gone while it cannot look', () => {
    const blind = { ...REPORT, unreadable: 'no answer' };
    expect(told([behind('A'), blind, blind, behind('A'), REPORT])).toEqual([
      ['raised A 5m'],
      ['raised check'],
      [],
      ['recovered check'],
      ['recovered A 5m'],
    ]);
  });

  it('keeps what could not be sent, but not for ever', () => {
    let state: AlertState = NOTHING_TOLD;
    for (let i = 0; i < 100; i++) {
      state = judgeAlerts(state, i % 2 === 0 ? behind('A') : REPORT, NOW + i).state;
    }
    expect(state.unsent).toHaveLength(20);
    expect(state.unsent.at(-1)).toMatchObject({ status: 'recovered', atMs: NOW + 99 });
  });

  it('names some of many problems in one line', () => {
    const symbols = Array.from({ length: 250 }, (_, i) => `P${i}USDT`);
    const [notice] = judgeAlerts(NOTHING_TOLD, behind(...symbols), NOW).notices;
    if (notice === undefined) throw new Error('nothing was told');
    expect(noticeText(notice)).toMatch(
      /^raised: P0USDT 5m ends at 2026-01-15T00:00.*and 245 more$/,
    );
  });
});
