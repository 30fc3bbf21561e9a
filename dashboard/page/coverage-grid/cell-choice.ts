export interface Cell {
  readonly row: number;
  readonly column: number;
}

export interface GridSize {
  readonly rows: number;
  readonly columns: number;
}

/** Cells from one corner to the other, both included. */
export interface CellBlock {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Where the cursor is, and the corner from which cells are selected up to it or to `head`. */
export interface CellChoice {
  readonly cursor: Cell;
  readonly selected: { readonly anchor: Cell; readonly head: Cell } | undefined;
}

const PAGE_ROWS = 10;

const MOVES: Readonly<Record<string, (cell: Cell, size: GridSize) => Cell>> = {
  ArrowUp: ({ row, column }) => ({ row: row - 1, column }),
  ArrowDown: ({ row, column }) => ({ row: row + 1, column }),
  ArrowLeft: ({ row, column }) => ({ row, column: column - 1 }),
  ArrowRight: ({ row, column }) => ({ row, column: column + 1 }),
  PageUp: ({ row, column }) => ({ row: row - PAGE_ROWS, column }),
  PageDown: ({ row, column }) => ({ row: row + PAGE_ROWS, column }),
  Home: ({ row }) => ({ row, column: 0 }),
  End: ({ row }, { columns }) => ({ row, column: columns - 1 }),
};

/** The choice after a key; with `extend` the selection grows with the cursor. Undefined: not its key. */
export function moveBy(
  choice: CellChoice,
  key: string,
  size: GridSize,
  extend: boolean,
): CellChoice | undefined {
  const move = MOVES[key];
  if (move === undefined) return undefined;
  const cursor = within(move(choice.cursor, size), size);
  if (!extend) return { cursor, selected: choice.selected };
  const anchor = choice.selected?.anchor ?? choice.cursor;
  return { cursor, selected: { anchor, head: cursor } };
}

/** Selects the cell of the cursor, or nothing when it is all that is selected. */
export function toggleCursor({ cursor, selected }: CellChoice): CellChoice {
  const alone =
    selected !== undefined && same(selected.anchor, cursor) && same(selected.head, cursor);
  return alone ? { cursor, selected: undefined } : selectCell(cursor);
}

export function selectCell(cell: Cell): CellChoice {
  return { cursor: cell, selected: { anchor: cell, head: cell } };
}

/** Selects from the corner there was, or from the cursor, up to `cell`. */
export function selectUpTo({ cursor, selected }: CellChoice, cell: Cell): CellChoice {
  return { cursor: cell, selected: { anchor: selected?.anchor ?? cursor, head: cell } };
}

/** Puts a choice back inside a grid that has become smaller; undefined when it is empty. */
export function fitChoice(choice: CellChoice, size: GridSize): CellChoice | undefined {
  if (size.rows === 0 || size.columns === 0) return undefined;
  const { cursor, selected } = choice;
  return {
    cursor: within(cursor, size),
    selected: selected && {
      anchor: within(selected.anchor, size),
      head: within(selected.head, size),
    },
  };
}

export function blockOf(selected: CellChoice['selected']): CellBlock | undefined {
  if (selected === undefined) return undefined;
  const { anchor, head } = selected;
  return {
    top: Math.min(anchor.row, head.row),
    left: Math.min(anchor.column, head.column),
    bottom: Math.max(anchor.row, head.row),
    right: Math.max(anchor.column, head.column),
  };
}

function within({ row, column }: Cell, { rows, columns }: GridSize): Cell {
  return { row: clamp(row, rows - 1), column: clamp(column, columns - 1) };
}

function clamp(index: number, last: number): number {
  return Math.max(0, Math.min(last, index));
}

function same(a: Cell, b: Cell): boolean {
  return a.row === b.row && a.column === b.column;
}
