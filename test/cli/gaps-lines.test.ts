import { describe, expect, it } from 'vitest';
import { candleStatus } from '../../cli/gaps/candle-verdict.js';
import { gapsDocument } from '../../cli/gaps/list-gaps.js';
import { checkDocument, checkLines } from '../../cli/render/check-lines.js';
import { explainDocument, explainLines } from '../../cli/render/explain-lines.js';
import { gapLines } from '../../cli/render/gap-lines.js';
import { plainLineView } from '../../cli/render/line-view.js';
import { repairLines } from '../../cli/render/repair-lines.js';
import type { GapRecord } from '../../domain/gap.js';
import type { CandleFacts } from '../../storage/explain.js';

const FROM = Date.UTC(2026, 2, 1, 10);
const FIVE = 300_000;
const NOW = FROM + 3_600_000;
const span = (from: number, to: number) => ({ fromMs: FROM + from * FIVE, toMs: FROM + to * FIVE });

const GAP: GapRecord = {
  ...{ id: '7', symbol: 'BTCUSDT', timeframe: '5m', period: span(0, 3), kind: 'unconfirmed' },
  ...{ asked: 1, foundAtMs: FROM + 1_000_000, foundBy: 'backfill/bybit/BTCUSDT/5m/1d' },
  ...{ lastAskedMs: FROM + 1_000_000, nextAskMs: NOW + 60_000, closedAtMs: undefined },
  reason: undefined,
  answers: [
    {
      ...{ askedAtMs: FROM + 1_000_000, venueTimeMs: FROM + 1_000_000, window: span(-10, 10) },
      ...{ rows: 17, workflowId: 'backfill/bybit/BTCUSDT/5m/1d', runId: 'run-1' },
    },
  ],
};

const link = ({ runId }: { runId: string }): string => `http://ui/${runId}`;

describe('gaps', () => {
  it('are a table as they are stored, with what is hidden', () => {
    const proved = { ...GAP, kind: 'no_trades', asked: 3, nextAskMs: undefined } as const;
    expect(gapLines({ gaps: [GAP, proved], hidden: 2, source: 'bybit', nowMs: NOW })).toEqual([
      'SYMBOL   TIMEFRAME  FROM (UTC)        TO (UTC)          CANDLES  KIND         ASKED  NEXT ASK',
      'BTCUSDT  5m         2026-03-01 10:00  2026-03-01 10:15        3  unconfirmed      1  in 1 min 0 s',
      'BTCUSDT  5m         2026-03-01 10:00  2026-03-01 10:15        3  no_trades        3  never',
      '2 gaps, 6 candles',
      '2 gaps outside the life of a pair not shown: --all',
    ]);
    const next = { ...GAP, period: { fromMs: GAP.period.toMs, toMs: GAP.period.toMs + 300_000 } };
    const touching = gapLines({ gaps: [GAP, next], hidden: 0, source: 'bybit', nowMs: NOW });
    expect(touching.at(-1)).toBe('1 gap in 2 lines, 4 candles');
    expect(gapLines({ gaps: [], hidden: 0, source: 'simulated', nowMs: NOW })).toEqual([
      expect.stringMatching(/^SIMULATED/),
      'no gaps in what was asked for; m1 gaps check also tells what was not',
    ]);
  });

  it('have the shape of the contract', () => {
    expect(gapsDocument([GAP, { ...GAP, nextAskMs: undefined }], 'bybit')).toEqual({
      source: 'bybit',
      gaps: [
        {
          ...{ symbol: 'BTCUSDT', timeframe: '5m', candles: 3, kind: 'unconfirmed', asked: 1 },
          ...{ from: '2026-03-01T10:00:00Z', to: '2026-03-01T10:15:00Z' },
          next_ask: '2026-03-01T11:01:00Z',
        },
        expect.objectContaining({ next_ask: null }),
      ],
    });
  });

  it('that were asked for: what came, and what is left', () => {
    const { symbol, timeframe, period } = GAP;
    const asked = [{ symbol, timeframe, period }];
    expect(repairLines({ gaps: asked, left: [], nowMs: NOW })).toEqual([
      'repaired: 3 candles, nothing is left',
    ]);
    const left = [
      { symbol, timeframe, period: span(1, 2), kind: GAP.kind, nextAskMs: NOW, answered: true },
    ];
    expect(repairLines({ gaps: asked, left, nowMs: NOW })).toEqual([
      'repaired: 2 candles',
      'the exchange still lacks 1 candle:',
      '  SYMBOL   TIMEFRAME  FROM (UTC)        TO (UTC)          CANDLES  KIND         NEXT ASK',
      '  BTCUSDT  5m         2026-03-01 10:05  2026-03-01 10:10        1  unconfirmed  now',
    ]);
    const uncounted = left.map((gap) => ({ ...gap, answered: false }));
    expect(repairLines({ gaps: asked, left: uncounted, nowMs: NOW }).at(-1)).toMatch(
      /before the next ask of GAP_REASK proves nothing, and is not counted as asked$/,
    );
  });
});

describe('completeness', () => {
  const range = { fromMs: FROM, toMs: FROM + 20 * FIVE };
  const series = { symbol: 'BTCUSDT', timeframe: '5m', candles: 20 } as const;

  it('is a line for each series, and what it lacks', () => {
    const whole = { ...series, stored: 18, missing: [] };
    const missing = [{ period: span(2, 5), reason: 'failed' as const }];
    expect(checkLines({ source: 'bybit', range, answers: [whole] })).toEqual([
      'BTCUSDT 5m: complete, 18 candles, 2 that the exchange does not have',
      'complete: 1 series from 2026-03-01 10:00 to 2026-03-01 11:40 UTC',
    ]);
    const report = { source: 'bybit', range, answers: [whole, { ...series, stored: 17, missing }] };
    expect(checkLines(report).slice(1)).toEqual([
      'BTCUSDT 5m: 3 of 20 candles missing',
      '  FROM (UTC)        TO (UTC)          CANDLES  WHY',
      '  2026-03-01 10:10  2026-03-01 10:25        3  failed: the exchange gave no usable answer',
      'not complete: 1 of 2 series from 2026-03-01 10:00 to 2026-03-01 11:40 UTC',
    ]);
    expect(checkDocument(report)).toMatchObject({
      ...{ complete: false, from: '2026-03-01T10:00:00Z', to: '2026-03-01T11:40:00Z' },
      series: [
        { complete: true, missing: [] },
        { complete: false, stored: 17, missing: [{ candles: 3, reason: 'failed' }] },
      ],
    });
  });
});

describe('one candle', () => {
  const NONE: CandleFacts = {
    ...{ values: undefined, covered: false, openCandleMs: undefined, gap: undefined },
    ...{ closedGaps: [], fetches: [], firstDayMs: undefined, horizonMs: undefined },
  };
  const values = { open: 1, high: 2, low: 0.5, close: 1.5, volume: 3, turnover: null };
  const explained = (facts: CandleFacts, at = span(1, 2)) => ({
    ...{ series: { symbol: 'BTCUSDT', timeframe: '5m' } as const, period: at, facts },
    ...{ status: candleStatus(facts, at, NOW), source: 'bybit', nowMs: NOW },
  });

  it('that is stored: values, answers, runs', () => {
    const fetch = {
      ...({
        source: 'rest',
        workflowId: 'backfill/x',
        runId: 'run-1',
        period: span(0, 10),
      } as const),
      ...{ askedAtMs: NOW, rows: 10, added: 9 },
    };
    const known = explained({ ...NONE, values, covered: true, fetches: [fetch] });
    expect(explainLines(known, link)).toEqual([
      'BTCUSDT 5m 2026-03-01 10:05 to 2026-03-01 10:10 UTC: stored',
      '  open 1, high 2, low 0.5, close 1.5, volume 3, turnover none',
      '  rest 2026-03-01 11:00:00: 2026-03-01 10:00 to 2026-03-01 10:50, 10 candles, 9 of them new, by backfill/x',
      '    http://ui/run-1',
    ]);
    expect(explainDocument(known, link)).toMatchObject({
      ...{ status: 'stored', accounted_for: true, values, gap: null },
      fetches: [{ source: 'rest', run_id: 'run-1', link: 'http://ui/run-1' }],
    });
  });

  it('that is missing: the gap, and what the exchange answered', () => {
    const known = explained({ ...NONE, covered: true, gap: GAP });
    expect(explainLines(known, () => undefined)).toEqual([
      'BTCUSDT 5m 2026-03-01 10:05 to 2026-03-01 10:10 UTC: unconfirmed, an answer lacked it; asked again until that is proved',
      '  gap 2026-03-01 10:00 to 2026-03-01 10:15, found 2026-03-01 10:16:40 by backfill/bybit/BTCUSDT/5m/1d',
      '  asked 1 time, next ask in 1 min 0 s',
      '  answer 2026-03-01 10:16:40: 17 other candles of 2026-03-01 09:10 to 2026-03-01 10:50, by backfill/bybit/BTCUSDT/5m/1d',
    ]);
    expect(explainDocument(known, link)).toMatchObject({
      ...{ status: 'unconfirmed', accounted_for: false, values: null },
      gap: { asked: 1, answers: [{ rows: 17, link: 'http://ui/run-1' }] },
    });
  });

  it('has one status', () => {
    const status = (facts: Partial<CandleFacts>, at = span(1, 2)) =>
      explained({ ...NONE, ...facts }, at).status;
    expect(status({})).toBe('never_asked');
    expect(status({ horizonMs: FROM + FIVE + 1 })).toBe('removed');
    expect(status({ firstDayMs: FROM + 2 * FIVE })).toBe('before_listing');
    expect(status({}, span(12, 13))).toBe('open');
    expect(status({}, span(13, 14))).toBe('future');
    expect(status({ values, openCandleMs: FROM + FIVE })).toBe('open');
    expect(status({ values })).toBe('unrecorded');
    expect(status({ covered: true })).toBe('lost');
  });
});

describe('a line without a terminal', () => {
  it('is written every few seconds', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const view = plainLineView({ write: (text) => lines.push(text) }, () => nowMs);
    for (; nowMs <= 12_000; nowMs += 1_000) view.show(`at ${nowMs}`);
    view.end();
    expect(lines).toEqual(['at 5000\n', 'at 10000\n']);
  });
});
