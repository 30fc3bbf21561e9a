/** A column of a table. */
export interface Column {
  readonly title: string;
  /** @default left */
  readonly align?: 'left' | 'right';
  /** Columns whose cells change should not jump. @default 0 */
  readonly minWidth?: number;
  /** Colours a cell after it was aligned. `row` counts from 0. */
  readonly paint?: (text: string, row: number) => string;
}

const GAP = '  ';

/**
 * Aligned text columns under a head line, without borders, so that `grep`, `sort` and `awk` work on
 * them. Nothing follows the last filled column of a line.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const widths = columns.map(({ title, minWidth = 0 }, i) =>
    rows.reduce(
      (width, row) => Math.max(width, row[i]?.length ?? 0),
      Math.max(title.length, minWidth),
    ),
  );
  const align = (cell: string, i: number): string =>
    columns[i]?.align === 'right' ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
  const paint = (cell: string, i: number, row: number): string =>
    columns[i]?.paint?.(cell, row) ?? cell;
  const head = columns.map(({ title }, i) => align(title, i));
  const lines = rows.map((row, r) => row.map((cell, i) => paint(align(cell, i), i, r)));
  return [head, ...lines].map((cells) => cells.join(GAP).trimEnd());
}
