import type { Cell, GridSize } from './cell-choice.js';

/** How a grid that may be larger than its frame is laid out in it; px. */
export interface GridLayout {
  /** Width of the names left of the cells. */
  readonly labelWidth: number;
  /** Height of the dates above the cells. */
  readonly headHeight: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** What can be seen at once. */
  readonly shown: GridSize;
}

/** The part of a grid that is drawn: its first cell and how many follow. */
export interface GridWindow extends GridSize {
  readonly firstRow: number;
  readonly firstColumn: number;
}

/** Frames narrower than this are touched with fingers, px. */
const NARROW = 600;

export const CELL_HEIGHT = 20;

export function layOutGrid(frameWidth: number, frameHeight: number, size: GridSize): GridLayout {
  const narrow = frameWidth < NARROW;
  const labelWidth = narrow ? 92 : 124;
  const headHeight = 24;
  const least = narrow ? 14 : 3;
  const room = Math.max(0, frameWidth - labelWidth);
  // whole pixels, or the gaps between the cells would differ
  const cellWidth = Math.max(least, Math.min(24, Math.floor(room / Math.max(1, size.columns))));
  return {
    labelWidth,
    headHeight,
    cellWidth,
    cellHeight: CELL_HEIGHT,
    shown: {
      rows: Math.min(size.rows, Math.max(1, Math.floor((frameHeight - headHeight) / CELL_HEIGHT))),
      columns: Math.min(size.columns, Math.max(1, Math.floor(room / cellWidth))),
    },
  };
}

/** What is drawn where the frame is scrolled to: always whole cells. */
export function windowAt(
  layout: GridLayout,
  size: GridSize,
  scrollLeft: number,
  scrollTop: number,
): GridWindow {
  const { shown, cellWidth, cellHeight } = layout;
  return {
    firstRow: clamp(cellsBefore(scrollTop, cellHeight), size.rows - shown.rows),
    firstColumn: clamp(cellsBefore(scrollLeft, cellWidth), size.columns - shown.columns),
    rows: shown.rows,
    columns: shown.columns,
  };
}

/** The cell at a point of the frame; undefined outside of the cells. */
export function cellAt(
  layout: GridLayout,
  window: GridWindow,
  x: number,
  y: number,
): Cell | undefined {
  const column = Math.floor((x - layout.labelWidth) / layout.cellWidth);
  const row = Math.floor((y - layout.headHeight) / layout.cellHeight);
  if (column < 0 || row < 0 || column >= window.columns || row >= window.rows) return undefined;
  return { row: window.firstRow + row, column: window.firstColumn + column };
}

/** The first row or column to show so that `index` can be seen, moved as little as possible. */
export function firstToShow(first: number, shown: number, index: number): number {
  if (index < first) return index;
  return index >= first + shown ? index - shown + 1 : first;
}

/** Rounded up, so that the end of the frame shows the last cell; browsers scroll to parts of a px. */
function cellsBefore(scrolled: number, length: number): number {
  return Math.ceil((scrolled - 0.5) / length);
}

function clamp(index: number, last: number): number {
  return Math.max(0, Math.min(last, index));
}
