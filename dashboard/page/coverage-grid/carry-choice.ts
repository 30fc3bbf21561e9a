import type { CoverageGrid, CoverageRow } from '../../api.js';
import { blockOf, fitChoice, type Cell, type CellBlock, type CellChoice } from './cell-choice.js';
import { DAY_MS } from './coverage-cells.js';

/** What the cells of a grid are about. */
export interface GridAxes extends Pick<CoverageGrid, 'timeframe' | 'fromMs' | 'days'> {
  /** Of its rows. */
  readonly symbols: readonly string[];
}

export function axesOf(
  { timeframe, fromMs, days }: CoverageGrid,
  rows: readonly CoverageRow[],
): GridAxes {
  return { timeframe, fromMs, days, symbols: rows.map(({ symbol }) => symbol) };
}

/** The same cells in a newer grid; undefined where they do not lie side by side. */
export function carryBlock(
  { top, left, bottom, right }: CellBlock,
  from: GridAxes,
  to: GridAxes,
): CellBlock | undefined {
  const cursor = { row: top, column: left };
  const selected = { anchor: cursor, head: { row: bottom, column: right } };
  return blockOf(carryChoice({ cursor, selected }, from, to)?.selected);
}

/**
 * The choice in a newer grid. While candles arrive, rows and days are added: what was selected stays the
 * same pairs and days. Nothing is selected any more where those do not lie side by side, and in a grid of
 * another timeframe or length. Undefined: the grid is empty.
 */
export function carryChoice(
  choice: CellChoice,
  from: GridAxes,
  to: GridAxes,
): CellChoice | undefined {
  const columns = (from.fromMs - to.fromMs) / DAY_MS;
  const moved = ({ row, column }: Cell): Cell => {
    const same = to.symbols.indexOf(from.symbols[row] ?? '');
    return { row: same === -1 ? row : same, column: column + columns };
  };
  const { selected } = choice;
  const carried = selected && { anchor: moved(selected.anchor), head: moved(selected.head) };
  const kept = isSame(selected, from, carried, to) ? carried : undefined;
  const size = { rows: to.symbols.length, columns: to.days };
  return fitChoice({ cursor: moved(choice.cursor), selected: kept }, size);
}

function isSame(
  before: CellChoice['selected'],
  from: GridAxes,
  after: CellChoice['selected'],
  to: GridAxes,
): boolean {
  const [was, is] = [blockOf(before), blockOf(after)];
  if (was === undefined || is === undefined) return false;
  if (from.timeframe !== to.timeframe || from.days !== to.days) return false;
  const symbols = from.symbols.slice(was.top, was.bottom + 1).join(' ');
  if (to.symbols.slice(is.top, is.bottom + 1).join(' ') !== symbols) return false;
  return is.right >= 0 && is.left < to.days;
}
