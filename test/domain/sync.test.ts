import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_CANDLES } from '../../domain/page.js';
import { AMENDABLE_CANDLES, syncTodo } from '../../domain/sync.js';
import { intersect, normalise, subtract, totalMs } from '../../domain/time-range.js';
import type { SeriesState } from '../../domain/stores.js';

const MINUTE = 60_000;
const CANDLE = 5 * MINUTE;
const START = Date.UTC(2026, 0, 15);
const at = (index: number): number => START + index * CANDLE;
/** A moment in which candle number `index` is open and the one before it surely closed. */
const during = (index: number): number => at(index) + MINUTE;

function stateOf(...spans: (readonly [from: number, to: number])[]): SeriesState {
  const covered = normalise(spans.map(([from, to]) => ({ fromMs: at(from), toMs: at(to) })));
  return { symbol: 'BTCUSDT', timeframe: '5m', covered, due: [], failed: [] };
}

const windows = (todo: ReturnType<typeof syncTodo>) =>
  todo?.windows.map(({ fromMs, toMs }) => [(fromMs - START) / CANDLE, (toMs - START) / CANDLE]);

describe('syncTodo', () => {
  it('asks in one window for what is new and for the last three closed candles', () => {
    const todo = syncTodo(stateOf([0, 100]), during(101));
    expect(windows(todo)).toEqual([[98, 101]]);
    expect(todo).toMatchObject({ behindMs: CANDLE, missing: [{ fromMs: at(100), toMs: at(101) }] });
  });

  it('reads the last candles again where nothing is new', () => {
    const todo = syncTodo(stateOf([0, 100]), during(100));
    expect(windows(todo)).toEqual([[97, 100]]);
    expect(todo).toMatchObject({ behindMs: 0, missing: [] });
  });

  it('makes up for any time in which nothing ran', () => {
    const todo = syncTodo(stateOf([0, 100]), during(2600));
    expect(windows(todo)).toEqual([
      [100, 1100],
      [1100, 2100],
      [2100, 2600],
    ]);
    expect(todo?.behindMs).toBe(2500 * CANDLE);
  });

  it('never asks before the first candle, and leaves a series without one to a backfill', () => {
    expect(windows(syncTodo(stateOf([0, 1]), during(1)))).toEqual([[0, 1]]);
    expect(syncTodo(stateOf(), during(1))).toBeUndefined();
    // the stream may be ahead of a venue time that was asked for before
    expect(syncTodo(stateOf([5, 6]), during(5))).toMatchObject({ windows: [], behindMs: 0 });
  });

  it('fills what is unsettled within the last page, and leaves older holes to a backfill', () => {
    const todo = syncTodo(stateOf([0, 10], [20, 1500], [1501, 1600]), during(1600));
    expect(todo?.missing).toEqual([{ fromMs: at(1500), toMs: at(1501) }]);
  });

  it('asks again for what failed, and is behind by it', () => {
    const failed = [{ fromMs: at(90), toMs: at(100) }];
    const todo = syncTodo({ ...stateOf([0, 100]), failed, due: failed }, during(100));
    expect(windows(todo)).toEqual([[90, 100]]);
    expect(todo).toMatchObject({ missing: failed, behindMs: 10 * CANDLE });
  });

  it('asks for nothing that is too old to be kept', () => {
    const state = { ...stateOf([0, 100]), horizonMs: at(2000) };
    expect(windows(syncTodo(state, during(2500)))).toEqual([[2000, 2500]]);
  });

  it('asks for exactly what is not covered, within the windows, and no window twice', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 700 }));
    fc.assert(
      fc.property(
        fc.array(span, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 5000 }),
        (spans, now) => {
          const state = stateOf(...spans.map(([from, length]) => [from, from + length] as const));
          const todo = syncTodo(state, during(now));
          if (todo === undefined) throw new Error('something is covered');
          const asked = normalise(todo.windows);
          expect(totalMs(asked)).toBe(totalMs(todo.windows));
          expect(totalMs(subtract(todo.missing, asked))).toBe(0);
          expect(totalMs(intersect(todo.missing, state.covered))).toBe(0);
          // all from the end of coverage to now
          const endMs = state.covered.at(-1)?.toMs ?? 0;
          const wanted = normalise([{ fromMs: endMs, toMs: at(now) }]);
          expect(totalMs(subtract(wanted, asked))).toBe(0);
          const firstMs = state.covered[0]?.fromMs ?? 0;
          const again = normalise([
            { fromMs: Math.max(firstMs, at(now - AMENDABLE_CANDLES)), toMs: at(now) },
          ]);
          expect(totalMs(subtract(again, asked))).toBe(0);
          for (const { fromMs, toMs } of todo.windows) {
            expect(toMs - fromMs).toBeLessThanOrEqual(PAGE_CANDLES * CANDLE);
            expect(toMs).toBeLessThanOrEqual(at(now));
          }
        },
      ),
    );
  });
});
