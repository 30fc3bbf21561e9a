import { emptyCandles, sliceCandles, type Candles } from '../domain/candles.js';
import { RetrySoon } from '../domain/failure.js';
import type { TimeRange } from '../domain/time-range.js';
import { parseDecimal } from './parse-decimal.js';

/** Open time, open, high, low, close, volume; the turnover that follows may be missing. */
const REQUIRED_COLUMNS = 6;

type Row = readonly unknown[];

export interface ParsedKlines {
  readonly candles: Candles;
  readonly skippedMs: readonly number[];
}

/**
 * Rows of a kline answer, in any order, as the sorted columns of `window`.
 *
 * Rows outside the window are dropped, since the venue may answer an empty window with older rows.
 * Equal duplicates become one. Rows without a price or a volume are left out and listed.
 *
 * @param lengthMs of one candle
 * @param label what was asked, for messages
 * @throws RetrySoon when a row is malformed or two rows of one open time differ
 */
export function parseKlines(
  rows: readonly unknown[],
  window: TimeRange,
  lengthMs: number,
  label: string,
): ParsedKlines {
  const table = rows.map((row) => asRow(row, label));
  const times = table.map((row) => openTimeOf(row, lengthMs, label));
  const columns = emptyCandles((window.toMs - window.fromMs) / lengthMs);
  const skippedMs: number[] = [];
  let count = 0;
  let previous: number | undefined;
  for (const index of oldestFirst(times)) {
    const timeMs = times[index] ?? NaN;
    const row = table[index] ?? [];
    if (timeMs < window.fromMs || timeMs >= window.toMs) continue;
    if (previous !== undefined && times[previous] === timeMs) {
      if (!sameRow(row, table[previous] ?? [])) {
        throw new RetrySoon(`ByBit sent two different candles of ${iso(timeMs)} for ${label}`);
      }
      continue;
    }
    previous = index;
    if (isBlank(row)) skippedMs.push(timeMs);
    else if (fill(columns, count, timeMs, row)) count++;
    else throw new RetrySoon(`ByBit sent no number in the candle of ${iso(timeMs)} for ${label}`);
  }
  const full = count === columns.openTimeMs.length;
  return { candles: full ? columns : sliceCandles(columns, 0, count), skippedMs };
}

function asRow(row: unknown, label: string): Row {
  if (!Array.isArray(row) || row.length < REQUIRED_COLUMNS) {
    throw new RetrySoon(
      `ByBit sent a candle with fewer than ${REQUIRED_COLUMNS} columns for ${label}`,
    );
  }
  return row;
}

function openTimeOf(row: Row, lengthMs: number, label: string): number {
  const timeMs = parseDecimal(row[0]);
  if (Number.isSafeInteger(timeMs) && timeMs % lengthMs === 0) return timeMs;
  throw new RetrySoon(`ByBit sent a candle with an open time off the grid for ${label}`);
}

/** Indices by rising time. The venue sends newest first, so turning round is nearly always enough. */
function oldestFirst(times: readonly number[]): number[] {
  const indices = times.map((_, index) => times.length - 1 - index);
  const timeOf = (index: number): number => times[index] ?? NaN;
  const sorted = indices.every(
    (index, i) => i === 0 || timeOf(indices[i - 1] ?? 0) <= timeOf(index),
  );
  return sorted ? indices : indices.sort((a, b) => timeOf(a) - timeOf(b));
}

/** True when a price or the volume is null or empty. */
function isBlank(row: Row): boolean {
  for (let column = 1; column < REQUIRED_COLUMNS; column++) {
    if (isEmptyCell(row[column])) return true;
  }
  return false;
}

function isEmptyCell(cell: unknown): boolean {
  return cell === null || cell === undefined || cell === '';
}

/** @returns false when a cell is no number */
function fill(columns: Candles, index: number, timeMs: number, row: Row): boolean {
  const open = parseDecimal(row[1]);
  const high = parseDecimal(row[2]);
  const low = parseDecimal(row[3]);
  const close = parseDecimal(row[4]);
  const volume = parseDecimal(row[5]);
  const hasTurnover = !isEmptyCell(row[6]);
  const turnover = hasTurnover ? parseDecimal(row[6]) : NaN;
  columns.openTimeMs[index] = timeMs;
  columns.open[index] = open;
  columns.high[index] = high;
  columns.low[index] = low;
  columns.close[index] = close;
  columns.volume[index] = volume;
  columns.turnover[index] = turnover;
  // NaN spreads, so one test sees any bad cell
  return !Number.isNaN(open + high + low + close + volume + (hasTurnover ? turnover : 0));
}

/** By value, so `1.0` equals `1`. */
function sameRow(a: Row, b: Row): boolean {
  for (let column = 1; column <= REQUIRED_COLUMNS; column++) {
    const [left, right] = [a[column], b[column]];
    if (left === right || (isEmptyCell(left) && isEmptyCell(right))) continue;
    if (parseDecimal(left) !== parseDecimal(right)) return false;
  }
  return true;
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
