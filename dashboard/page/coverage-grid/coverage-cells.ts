import type { CoverageGrid, CoverageRow, RepairBody } from '../../api.js';
import { UNPROVED_KINDS } from '../../../domain/gap.js';
import type { Cell, CellBlock } from './cell-choice.js';
import { SHADE_NAMES, shadeOf, type Shade } from './day-shade.js';

export const DAY_MS = 86_400_000;

/** Room that a date needs above the cells, px. */
export const DATE_WIDTH = 48;

/** What one cell says. */
export interface DayCell {
  readonly symbol: string;
  readonly dayMs: number;
  readonly shade: Shade;
  readonly storedPercent: number;
}

export function dayMs(grid: CoverageGrid, column: number): number {
  return grid.fromMs + column * DAY_MS;
}

/** `2026-01-31`. */
export function dayText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** Rows whose symbol holds `search`, whatever its case. */
export function rowsOf(grid: CoverageGrid, search: string): readonly CoverageRow[] {
  const wanted = search.trim().toUpperCase();
  return wanted === '' ? grid.rows : grid.rows.filter(({ symbol }) => symbol.includes(wanted));
}

/** The day at a cell of `rows`; undefined outside of them. */
export function dayCell(
  grid: CoverageGrid,
  rows: readonly CoverageRow[],
  { row, column }: Cell,
): DayCell | undefined {
  const found = rows[row];
  if (found === undefined || column < 0 || column >= grid.days) return undefined;
  const storedPercent = found.stored[column] ?? 0;
  return {
    symbol: found.symbol,
    dayMs: dayMs(grid, column),
    shade: shadeOf(found.states, column, storedPercent),
    storedPercent,
  };
}

/** `BTCUSDT, 2026-01-31: unconfirmed, 99.7 % stored`. */
export function describeCell(cell: DayCell): string {
  const stored = cell.shade === 'outside' ? '' : `, ${percentText(cell.storedPercent)} stored`;
  return `${cell.symbol}, ${dayText(cell.dayMs)}: ${SHADE_NAMES[cell.shade]}${stored}`;
}

/** Rounded down, so that only what is whole is called 100 %. */
export function percentText(percent: number): string {
  return `${Number.isInteger(percent) ? percent : (Math.floor(percent * 10) / 10).toFixed(1)} %`;
}

/** Shades of days that hold gaps which a repair asks for. */
const REPAIRED: readonly string[] = UNPROVED_KINDS;

/** What can be done about days of these shades. */
export function stepsFor(shades: readonly Shade[]): {
  readonly repair: boolean;
  readonly backfill: boolean;
} {
  return {
    repair: shades.some((shade) => REPAIRED.includes(shade)),
    backfill: shades.some((shade) => shade === 'missing' || shade === 'partly'),
  };
}

/** The days of a block, one range a symbol. */
export function rangesOf(
  grid: CoverageGrid,
  rows: readonly CoverageRow[],
  block: CellBlock,
): RepairBody['ranges'] {
  return rows.slice(block.top, block.bottom + 1).map(({ symbol }) => ({
    symbol,
    timeframe: grid.timeframe,
    fromMs: dayMs(grid, block.left),
    toMs: dayMs(grid, block.right + 1),
  }));
}

/** How many days of a block have each shade, the most first. */
export function countShades(
  grid: CoverageGrid,
  rows: readonly CoverageRow[],
  block: CellBlock,
): readonly (readonly [Shade, number])[] {
  const counts = new Map<Shade, number>();
  for (let row = block.top; row <= block.bottom; row++) {
    for (let column = block.left; column <= block.right; column++) {
      const cell = dayCell(grid, rows, { row, column });
      if (cell !== undefined) counts.set(cell.shade, (counts.get(cell.shade) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

/**
 * Whether the date of a day is written above its column: each Monday where there is room for it, else
 * the first of each month, of every third month where even that is too much.
 */
export function hasDateLabel(timeMs: number, cellWidth: number): boolean {
  const day = new Date(timeMs);
  if (cellWidth * 7 >= DATE_WIDTH) return day.getUTCDay() === 1;
  return day.getUTCDate() === 1 && (cellWidth * 30 >= DATE_WIDTH || day.getUTCMonth() % 3 === 0);
}
