import { emptyCandles, sliceCandles, type Candles } from '../domain/candles.js';
import type { TimeRange } from '../domain/time-range.js';

/*
 * Reading a thousand rows through JSON makes seven thousand short texts a page, and a backfill moves
 * two hundred pages a second: that garbage is what sets a worker's memory. The rows of an ordinary
 * answer are therefore read off the text. Whatever is not ordinary goes the long way.
 */

/** Where the rows stand in the text of an answer: from the first `[` to after the last `]`. */
export interface KlineRows {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const LIST_OF_ROWS = '"list":[[';
const END_OF_ROWS = ']]';

/**
 * Takes the rows out of the text of a kline answer.
 *
 * @returns the rows, and the text with an empty list in their place; undefined when it has no rows
 */
export function cutRows(text: string): { rows: KlineRows; rest: string } | undefined {
  const start = text.indexOf(LIST_OF_ROWS);
  if (start < 0) return undefined;
  const from = start + LIST_OF_ROWS.length - 1;
  const end = text.indexOf(END_OF_ROWS, from);
  if (end < 0) return undefined;
  const to = end + 1;
  return { rows: { text, from, to }, rest: text.slice(0, from) + text.slice(to) };
}

/** The rows as JSON values. @throws SyntaxError */
export function parseRows({ text, from, to }: KlineRows): readonly unknown[] {
  return JSON.parse(`[${text.slice(from, to)}]`) as readonly unknown[];
}

const QUOTE = 34;
const COMMA = 44;
const DOT = 46;
const DIGIT_0 = 48;
const DIGIT_9 = 57;
const OPEN = 91;
const CLOSE = 93;
const COLUMNS = 7;

/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/**
 * Reads ordinary rows: seven quoted decimals each, newest first, on the grid and within the window.
 *
 * The quotient of two integers that a double holds exactly is the double nearest to the decimal,
 * which is what `Number` gives; decimals with more digits go through `Number`.
 *
 * @returns undefined when any row is not ordinary
 */
export function readOrdinaryRows(
  { text, from, to }: KlineRows,
  window: TimeRange,
  lengthMs: number,
): Candles | undefined {
  const columns = emptyCandles((window.toMs - window.fromMs) / lengthMs);
  const { openTimeMs, open, high, low, close, volume, turnover } = columns;
  const cells = new Float64Array(COLUMNS);
  let index = openTimeMs.length;
  let newerMs = window.toMs;
  let at = from;
  for (;;) {
    at = readRow(text, at, cells);
    const timeMs = cells[0] ?? NaN;
    if (at < 0 || timeMs >= newerMs || timeMs < window.fromMs || timeMs % lengthMs !== 0) {
      return undefined;
    }
    newerMs = timeMs;
    index--;
    openTimeMs[index] = timeMs;
    open[index] = cells[1] ?? NaN;
    high[index] = cells[2] ?? NaN;
    low[index] = cells[3] ?? NaN;
    close[index] = cells[4] ?? NaN;
    volume[index] = cells[5] ?? NaN;
    turnover[index] = cells[6] ?? NaN;
    if (at === to) break;
    if (text.charCodeAt(at) !== COMMA) return undefined;
    at++;
  }
  return index === 0 ? columns : sliceCandles(columns, index, openTimeMs.length);
}

/** Reads `["1","2","3","4","5","6","7"]`. @returns the position after it; -1: it is something else */
function readRow(text: string, start: number, cells: Float64Array): number {
  if (text.charCodeAt(start) !== OPEN) return -1;
  let at = start + 1;
  for (let column = 0; column < COLUMNS; column++) {
    if (column > 0 && text.charCodeAt(at++) !== COMMA) return -1;
    if (text.charCodeAt(at) !== QUOTE) return -1;
    const first = at + 1;
    const end = endOfDecimal(text, first);
    if (end < 0) return -1;
    cells[column] = decimalOf(text, first, end);
    at = end + 1;
  }
  return text.charCodeAt(at) === CLOSE ? at + 1 : -1;
}

/** @returns the position of the quote after digits with at most one dot between them; else -1 */
function endOfDecimal(text: string, first: number): number {
  let at = first;
  let dot = -1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === DOT && dot < 0 && at > first) dot = at;
    else if (!(code >= DIGIT_0 && code <= DIGIT_9)) {
      return code === QUOTE && at > first && dot !== at - 1 ? at : -1;
    }
    at++;
  }
}

/** The value of the decimal at [first, end), which `endOfDecimal` has checked. */
function decimalOf(text: string, first: number, end: number): number {
  let digits = 0;
  let decimals = -1;
  for (let at = first; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) decimals = 0;
    else {
      digits = digits * 10 + (code - DIGIT_0);
      if (decimals >= 0) decimals++;
    }
  }
  if (digits > Number.MAX_SAFE_INTEGER || decimals >= POWERS_OF_TEN.length) {
    return Number(text.slice(first, end));
  }
  return decimals > 0 ? digits / (POWERS_OF_TEN[decimals] ?? NaN) : digits;
}
