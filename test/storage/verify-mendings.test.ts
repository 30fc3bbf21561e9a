import { expect, test } from 'vitest';
import { mendings } from '../../domain/mending.js';
import { TIMEFRAMES, type Timeframe } from '../../domain/timeframe.js';
import type { Check, Violation } from '../../domain/verify.js';
import { at } from './pages.js';

const span = (timeframe: Timeframe, index: number, count = 1) => ({
  fromMs: at(index, timeframe),
  toMs: at(index + count, timeframe),
});

const wrong = (check: Check, timeframe: Timeframe, index: number, count = 1): Violation => ({
  ...{ symbol: 'BTCUSDT', timeframe, check, period: span(timeframe, index, count) },
  ...{ expected: 'a', found: 'b' },
});

const planOf = (...violations: Violation[]) =>
  mendings(violations, TIMEFRAMES).map(({ timeframe, again, removed }) => ({
    timeframe,
    again,
    removed,
  }));

test('wrong rows are asked for again, touching ones together', () => {
  expect(
    planOf(wrong('prices', '5m', 4), wrong('venue', '5m', 5), wrong('volume', '1h', 0)),
  ).toEqual([
    { timeframe: '5m', again: [span('5m', 4, 2)], removed: [] },
    { timeframe: '1h', again: [span('1h', 0)], removed: [] },
  ]);
});

test('of rows without a record only the newest is doubted', () => {
  expect(planOf(wrong('uncovered_row', '15m', 3, 40))).toEqual([
    { timeframe: '15m', again: [span('15m', 42)], removed: [] },
  ]);
});

test('a row beside the grid costs no candle', () => {
  expect(planOf(wrong('off_grid', '5m', 3), wrong('future_row', '1d', 9))).toEqual([
    { timeframe: '5m', again: [], removed: [] },
    { timeframe: '1d', again: [], removed: [span('1d', 9)] },
  ]);
});

test('a wrong sum costs its 5m candles unless another length agrees with them', () => {
  const timeframes = (...violations: Violation[]) =>
    planOf(...violations).map((one) => one.timeframe);
  expect(timeframes(wrong('roll_up', '1d', 0))).toEqual(['1d']);
  expect(timeframes(wrong('roll_up', '15m', 0))).toEqual(['15m', '5m']);
  // the 15m candles say nothing against the 5m candles of this hour
  expect(timeframes(wrong('roll_up', '1h', 1), wrong('roll_up', '15m', 0))).toEqual([
    ...['1h', '15m', '5m'],
  ]);
  const both = planOf(wrong('roll_up', '1h', 0), wrong('roll_up', '15m', 2));
  expect(both.find((one) => one.timeframe === '5m')?.again).toEqual([span('5m', 0, 12)]);
  expect(mendings([wrong('roll_up', '1d', 0)], ['1d']).map((one) => one.timeframe)).toEqual([
    ...['1d', '5m'],
  ]);
});
