import type { CoverageGrid, CoverageRow } from '../../api.js';
import { cssColour, onSchemeChange } from '../app/css-colour.js';
import { el, setText } from '../dom/element.js';
import {
  blockOf,
  moveBy,
  selectCell,
  selectUpTo,
  toggleCursor,
  type Cell,
  type CellBlock,
  type CellChoice,
} from './cell-choice.js';
import { axesOf, carryChoice } from './carry-choice.js';
import {
  DATE_WIDTH,
  dayCell,
  dayMs,
  dayText,
  describeCell,
  hasDateLabel,
} from './coverage-cells.js';
import { SHADES, type Shade } from './day-shade.js';
import {
  CELL_HEIGHT,
  cellAt,
  firstToShow,
  layOutGrid,
  windowAt,
  type GridLayout,
  type GridWindow,
} from './grid-layout.js';
import { createHeatmap, type Heatmap, type HeatmapColours } from './heatmap.js';

/** Share of the window's height that the grid may take. */
const TALLEST = 0.64;
const HEAD_AND_SCROLLBAR = 40;

const KEYS_TELL =
  'Arrow keys move, Space selects, Shift and arrow keys select more, Enter opens what is selected.';

export interface GridPanelOptions {
  /** Enter or a click: show what is selected. */
  readonly onOpen: (block: CellBlock) => void;
  readonly onClear: () => void;
  readonly signal: AbortSignal;
}

/**
 * The heatmap with its cursor. A year of every pair has more cells than a canvas can draw at once, so the
 * frame scrolls over an empty space of the whole size, and only the cells in sight are drawn.
 */
export class GridPanel {
  readonly element: HTMLElement;
  readonly #options: GridPanelOptions;
  readonly #frame: HTMLElement;
  readonly #space = el('div', { class: 'grid-space' });
  readonly #canvas = el('div', { class: 'grid-canvas' });
  readonly #marks = el('div', { class: 'grid-marks' });
  readonly #pane = el('div', { class: 'grid-pane' }, this.#canvas, this.#marks);
  readonly #says = el('p', { class: 'cell-says', 'aria-live': 'polite' });
  readonly #heatmap: Heatmap;
  #grid: CoverageGrid | undefined;
  #rows: readonly CoverageRow[] = [];
  #choice: CellChoice | undefined;
  #layout: GridLayout | undefined;
  #frameRequest = 0;

  constructor(options: GridPanelOptions) {
    this.#options = options;
    const { signal } = options;
    this.#space.append(this.#pane);
    this.#frame = el(
      'div',
      {
        class: 'grid-frame',
        tabindex: 0,
        role: 'application',
        'aria-roledescription': 'heatmap',
        'aria-label': `Coverage by symbol and day. ${KEYS_TELL}`,
      },
      this.#space,
    );
    const keys = el('p', { class: 'hint keys' }, KEYS_TELL);
    this.element = el('div', { class: 'grid' }, this.#frame, this.#says, keys);
    this.#heatmap = createHeatmap(this.#canvas, (row, column) => this.#tip(row, column), signal);
    this.#listen(signal);
  }

  /** Shows other rows or newer states; the same pairs and days stay selected. */
  show(grid: CoverageGrid, rows: readonly CoverageRow[]): void {
    const resized = this.#grid?.days !== grid.days;
    const axes = axesOf(grid, rows);
    const before = this.#grid === undefined ? axes : axesOf(this.#grid, this.#rows);
    const newest = { cursor: { row: 0, column: grid.days - 1 }, selected: undefined };
    this.#grid = grid;
    this.#rows = rows;
    this.#choice =
      this.#choice === undefined
        ? carryChoice(newest, axes, axes)
        : carryChoice(this.#choice, before, axes);
    this.#fit();
    // the newest days are what one comes for
    if (resized) this.#frame.scrollLeft = this.#frame.scrollWidth;
    this.#drawSoon();
  }

  focus(): void {
    this.#frame.focus();
  }

  #size() {
    return { rows: this.#rows.length, columns: this.#grid?.days ?? 0 };
  }

  #fit(): void {
    const size = this.#size();
    const tallest = Math.max(200, window.innerHeight * TALLEST);
    const wanted = HEAD_AND_SCROLLBAR + size.rows * CELL_HEIGHT;
    this.#frame.style.height = `${Math.min(tallest, wanted)}px`;
    const { clientWidth, clientHeight } = this.#frame;
    const layout = layOutGrid(clientWidth, clientHeight, size);
    this.#layout = layout;
    this.#space.style.width = `${layout.labelWidth + size.columns * layout.cellWidth}px`;
    this.#space.style.height = `${layout.headHeight + size.rows * layout.cellHeight}px`;
    this.#pane.style.width = `${clientWidth}px`;
    this.#pane.style.height = `${clientHeight}px`;
  }

  #listen(signal: AbortSignal): void {
    const frame = this.#frame;
    frame.addEventListener('scroll', () => this.#drawSoon(), { signal, passive: true });
    frame.addEventListener('keydown', (event) => this.#onKey(event), { signal });
    frame.addEventListener('pointerdown', (event) => this.#onDown(event), { signal });
    frame.addEventListener('pointermove', (event) => this.#onDrag(event), { signal });
    frame.addEventListener('click', (event) => this.#onClick(event), { signal });
    onSchemeChange(() => this.#drawSoon(), signal);
    const observer = new ResizeObserver(() => {
      const before = this.#layout?.shown.columns;
      this.#fit();
      // what is told beside the grid takes room from it: the days it is about stay in sight
      const narrowed = (this.#layout?.shown.columns ?? 0) < (before ?? 0);
      if (narrowed && this.#choice?.selected !== undefined) this.#scrollTo(this.#choice.cursor);
      this.#drawSoon();
    });
    observer.observe(this.element);
    signal.addEventListener('abort', () => {
      observer.disconnect();
      cancelAnimationFrame(this.#frameRequest);
    });
  }

  #onKey(event: KeyboardEvent): void {
    const choice = this.#choice;
    if (choice === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = this.#afterKey(choice, event);
    if (next === undefined) return;
    event.preventDefault();
    this.#choose(next);
    this.#scrollTo(next.cursor);
  }

  #afterKey(choice: CellChoice, { key, shiftKey }: KeyboardEvent): CellChoice | undefined {
    if (key === ' ') return toggleCursor(choice);
    if (key === 'Escape') {
      this.#options.onClear();
      return { ...choice, selected: undefined };
    }
    if (key !== 'Enter') return moveBy(choice, key, this.#size(), shiftKey);
    const opened = choice.selected === undefined ? selectCell(choice.cursor) : choice;
    this.#open(opened);
    return opened;
  }

  #onDown(event: PointerEvent): void {
    // a finger scrolls; it selects by a tap, which is a click
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    const cell = this.#cellOf(event);
    if (cell === undefined) return;
    this.#choose(
      event.shiftKey && this.#choice !== undefined
        ? selectUpTo(this.#choice, cell)
        : selectCell(cell),
    );
  }

  #onDrag(event: PointerEvent): void {
    if (event.pointerType !== 'mouse' || event.buttons !== 1) return;
    const cell = this.#cellOf(event);
    if (cell === undefined || this.#choice?.selected === undefined) return;
    this.#choose(selectUpTo(this.#choice, cell));
  }

  #onClick(event: MouseEvent): void {
    const cell = this.#cellOf(event);
    if (cell === undefined) return;
    const byMouse = event instanceof PointerEvent && event.pointerType === 'mouse';
    if (!byMouse) this.#choose(selectCell(cell));
    if (this.#choice !== undefined) this.#open(this.#choice);
  }

  #open(choice: CellChoice): void {
    const block = blockOf(choice.selected);
    if (block !== undefined) this.#options.onOpen(block);
  }

  #choose(choice: CellChoice): void {
    this.#choice = choice;
    this.#drawMarks();
  }

  #cellOf({ clientX, clientY }: MouseEvent): Cell | undefined {
    const { left, top } = this.#pane.getBoundingClientRect();
    return this.#layout && cellAt(this.#layout, this.#window(), clientX - left, clientY - top);
  }

  #window(): GridWindow {
    const { scrollLeft, scrollTop } = this.#frame;
    const layout = this.#layout ?? layOutGrid(0, 0, this.#size());
    return windowAt(layout, this.#size(), scrollLeft, scrollTop);
  }

  #scrollTo({ row, column }: Cell): void {
    const layout = this.#layout;
    if (layout === undefined) return;
    const { firstRow, firstColumn, rows, columns } = this.#window();
    this.#frame.scrollTop = firstToShow(firstRow, rows, row) * layout.cellHeight;
    this.#frame.scrollLeft = firstToShow(firstColumn, columns, column) * layout.cellWidth;
  }

  #drawSoon(): void {
    cancelAnimationFrame(this.#frameRequest);
    this.#frameRequest = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    const grid = this.#grid;
    const layout = this.#layout;
    if (grid === undefined || layout === undefined || this.#rows.length === 0) return;
    const { firstRow, firstColumn, rows, columns } = this.#window();
    const days = Array.from({ length: columns }, (_, index) => dayMs(grid, firstColumn + index));
    const shown = this.#rows.slice(firstRow, firstRow + rows);
    this.#heatmap.draw({
      names: shown.map(({ symbol }) => symbol),
      dates: days.map((day, x) => {
        const fits = (columns - x) * layout.cellWidth >= DATE_WIDTH;
        return fits && hasDateLabel(day, layout.cellWidth) ? dayText(day).slice(2) : '';
      }),
      shades: shown.map((_, y) =>
        days.map((__, x) => {
          const cell = dayCell(grid, this.#rows, { row: firstRow + y, column: firstColumn + x });
          return cell?.shade ?? 'outside';
        }),
      ),
      layout,
      colours: colours(),
    });
    this.#drawMarks();
  }

  #drawMarks(): void {
    const layout = this.#layout;
    if (layout === undefined || this.#choice === undefined) {
      this.#marks.replaceChildren();
      return;
    }
    const { cursor, selected } = this.#choice;
    const at = this.#window();
    const block = blockOf(selected);
    this.#marks.style.left = `${layout.labelWidth}px`;
    this.#marks.style.top = `${layout.headHeight}px`;
    this.#marks.style.width = `${at.columns * layout.cellWidth}px`;
    this.#marks.style.height = `${at.rows * layout.cellHeight}px`;
    const { row, column } = cursor;
    const own = { top: row, bottom: row, left: column, right: column };
    this.#marks.replaceChildren(
      ...(block === undefined ? [] : [mark('grid-selected', block, layout, at)]),
      mark('grid-cursor', own, layout, at),
    );
    this.#say(cursor, block);
  }

  #say(cursor: Cell, block: CellBlock | undefined): void {
    const cell = this.#grid && dayCell(this.#grid, this.#rows, cursor);
    if (cell === undefined) return;
    const count = block && (block.bottom - block.top + 1) * (block.right - block.left + 1);
    const chosen =
      count === undefined ? '' : ` (${count === 1 ? 'selected' : `${count} selected`})`;
    setText(this.#says, `${describeCell(cell)}${chosen}`);
  }

  #tip(y: number, x: number): HTMLElement {
    const { firstRow, firstColumn } = this.#window();
    const at = { row: firstRow + y, column: firstColumn + x };
    const cell = this.#grid && dayCell(this.#grid, this.#rows, at);
    return el('div', { class: 'tip' }, cell === undefined ? '' : describeCell(cell));
  }
}

function mark(name: string, block: CellBlock, layout: GridLayout, at: GridWindow): HTMLElement {
  const { cellWidth, cellHeight } = layout;
  const element = el('div', { class: name });
  element.style.left = `${(block.left - at.firstColumn) * cellWidth}px`;
  element.style.top = `${(block.top - at.firstRow) * cellHeight}px`;
  element.style.width = `${(block.right - block.left + 1) * cellWidth}px`;
  element.style.height = `${(block.bottom - block.top + 1) * cellHeight}px`;
  return element;
}

function colours(): HeatmapColours {
  const shades = Object.fromEntries(
    SHADES.map((shade) => [shade, cssColour(`shade-${shade}`)]),
  ) as Record<Shade, string>;
  return { shades, text: cssColour('quiet'), surface: cssColour('surface') };
}
