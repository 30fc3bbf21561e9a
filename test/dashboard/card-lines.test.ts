import { expect, it } from 'vitest';
import { cardLines } from '../../dashboard/runs/card-lines.js';
import type { BackfillProgress } from '../../domain/backfill.js';
import { linesOf } from '../../steering/run-details.js';
import { describeProgress } from '../../workflows/describe-progress.js';
import { describeRepair } from '../../workflows/describe-repair.js';
import { describeStream } from '../../workflows/describe-stream.js';

/** Where else to look: of no use on a page that shows it. */
const ELSEWHERE = /Pending Activities|Relationships|runStream|m1 (?:runs|gaps)/;

const PROGRESS: BackfillProgress = {
  ...{ phase: 'running', source: 'bybit', concurrency: 4, startedAtMs: 0, fromMs: 0, toMs: 1 },
  ...{ series: 4, symbols: { total: 4, done: 1 }, plannedCandles: 9, candles: 5, requests: 2 },
  running: [{ symbol: 'BTCUSDT', candles: 3, workflowId: 'w', runId: 'r' }] as never,
  failed: [{ symbol: 'XRPUSDT', timeframe: '5m', reason: 'refused. To go on: m1 runs x' }],
};

it('leaves out where else to look, and keeps state, counts and failures', () => {
  const shown = (phase: BackfillProgress['phase']): string =>
    cardLines(linesOf(describeProgress({ ...PROGRESS, phase }, 'backfill/x'))).join('\n');
  for (const phase of ['running', 'paused'] as const) {
    const text = shown(phase);
    expect(text).toMatch(new RegExp(`^${phase}: 1 of 4 symbols done`));
    expect(text).toContain('Failed: XRPUSDT 5m: refused. To go on: m1 runs x\n');
    expect(text).toContain('5 candles by 2 requests');
    expect(text.replace(/^Failed.*$/m, '')).not.toMatch(ELSEWHERE);
  }
  expect(shown('running')).toMatch(/At work, at most 4 at once: BTCUSDT$/m);
});

it('does so for streams and repairs', () => {
  const stream = describeStream({
    ...{ phase: 'live', source: 'bybit', pairs: { kind: 'top', count: 1 } },
    ...{ symbols: ['BTCUSDT'], startedAtMs: 0, rotations: 2 },
  });
  expect(cardLines(linesOf(stream))).toEqual([
    'live: data flows',
    'Since 1970-01-01 00:00 UTC, 2 rotations',
    '1 symbol: BTCUSDT',
  ]);
  const repair = cardLines(
    linesOf(describeRepair({ gaps: 3, requests: 2, candles: 1 }, undefined, 'bybit')),
  );
  expect(repair).toEqual([
    'running: asks for every gap that is due',
    'So far: 3 gaps asked for in 2 requests, 1 candle recovered',
  ]);
});
