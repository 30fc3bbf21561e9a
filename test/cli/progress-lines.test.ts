import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackfillProgress } from '../../domain/backfill.js';
import { PLAIN } from '../../cli/render/palette.js';
import { plainLine, progressLines } from '../../cli/render/progress-lines.js';
import { plainView } from '../../cli/render/run-view.js';
import type { RunState } from '../../steering/run-state.js';

const PROGRESS: BackfillProgress = {
  phase: 'running',
  source: 'bybit',
  concurrency: 16,
  startedAtMs: 0,
  fromMs: 0,
  toMs: 1,
  series: 20,
  symbols: { total: 4, done: 1 },
  plannedCandles: 40_000,
  candles: 10_000,
  requests: 12,
  running: [
    {
      symbol: 'BTCUSDT',
      timeframes: ['5m', '15m', '1h'],
      candles: 20_000,
      requests: 20,
      workflowId: 'w/BTCUSDT',
      runId: 'r',
    },
    {
      symbol: 'ETHUSDT',
      timeframes: ['5m'],
      candles: 10_000,
      requests: 10,
      workflowId: 'w/ETHUSDT',
      runId: 'r',
    },
  ],
  failed: [],
};

const STATE: RunState = {
  progress: PROGRESS,
  live: new Map([['BTCUSDT', { candles: 5_000, requests: 5 }]]),
  pace: { candlesPerSecond: 85_000, requestsPerSecond: 108.4, secondsLeft: 200 },
  notice: undefined,
};

describe('progressLines', () => {
  it('draws a bar for each symbol under way and one for all', () => {
    expect(progressLines(STATE, { width: 100, height: 24 }, PLAIN)).toEqual([
      'BTCUSDT        5m 15m 1h         ██████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  25 % 5,000 of 20.0k',
      'ETHUSDT        5m                ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0 % ? of 10.0k',
      'all symbols                      ████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░  31 % 1 of 4 symbols',
      '15,000 candles, 85,000 candles/s, 108.4 requests/s, about 3 min 20 s left',
    ]);
  });

  it('counts the failed series', () => {
    const failed = [{ symbol: 'X', timeframe: '5m', reason: 'r' }] as const;
    const state = { ...STATE, progress: { ...PROGRESS, failed } };
    expect(plainLine(state)).toContain('1 series failed');
  });

  it('marks what is simulated', () => {
    const state = { ...STATE, progress: { ...PROGRESS, source: 'simulated' } };
    expect(plainLine(state)).toContain('SIMULATED 15,000 candles');
    expect(progressLines(state, { width: 100, height: 24 }, PLAIN).join()).toContain('SIMULATED');
  });

  it('shows no time left in a pause', () => {
    const state = { ...STATE, progress: { ...PROGRESS, phase: 'paused' as const } };
    expect(plainLine(state)).toBe(
      'paused: 31 % 1 of 4 symbols, 15,000 candles, 85,000 candles/s, 108.4 requests/s',
    );
  });

  it('never says 100 % before the end', () => {
    const symbols = { total: 1000, done: 999 };
    const state = { ...STATE, progress: { ...PROGRESS, symbols, running: [] } };
    expect(plainLine(state)).toMatch(/^99 %/);
  });

  it('puts a notice first', () => {
    const lines = progressLines(
      { ...STATE, notice: 'no worker' },
      { width: 80, height: 24 },
      PLAIN,
    );
    expect(lines[0]).toBe('no worker');
  });

  it('never leaves the space it is given', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 21, max: 250 }),
        fc.integer({ min: 5, max: 60 }),
        fc.integer({ min: 0, max: 70 }),
        fc.integer({ min: 0, max: 1e12 }),
        (width, height, count, candles) => {
          const running = Array.from({ length: count }, (_, i) => ({
            ...PROGRESS.running[0],
            symbol: `A${i}LONGNAMEDSYMBOLUSDT`,
            timeframes: ['5m', '15m', '1h', '4h', '1d'] as const,
            candles,
            requests: 1,
            workflowId: 'w',
            runId: 'r',
          }));
          const state = {
            ...STATE,
            progress: { ...PROGRESS, running, candles },
            notice: 'n'.repeat(300),
          };
          const lines = progressLines(state, { width, height }, PLAIN);
          expect(lines.length).toBeLessThanOrEqual(Math.max(height, 4));
          for (const line of lines) expect(line.length).toBeLessThan(width);
        },
      ),
    );
  });
});

describe('plainView', () => {
  it('writes at changes and every few seconds, without escape codes', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const view = plainView({ write: (text) => lines.push(text) }, () => nowMs);
    view.show(STATE);
    nowMs = 1_000;
    view.show(STATE);
    view.show({ ...STATE, notice: 'no worker' });
    nowMs = 2_000;
    view.show(STATE);
    nowMs = 6_000;
    view.show(STATE);
    nowMs = 7_500;
    view.show(STATE);
    view.end();
    expect(lines.map((line) => line.slice(0, 9))).toEqual([
      '31 % 1 of',
      'no worker',
      '31 % 1 of',
      '31 % 1 of',
    ]);
    expect(lines.join('')).not.toContain('\u001b');
  });

  it('writes a notice once, however long it holds', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const view = plainView({ write: (text) => lines.push(text) }, () => nowMs);
    for (; nowMs < 600_000; nowMs += 1_000) view.show({ ...STATE, notice: 'banned' });
    view.show(STATE);
    expect(lines.map((line) => line.slice(0, 9).trim())).toEqual(['banned', '31 % 1 of']);
  });
});
