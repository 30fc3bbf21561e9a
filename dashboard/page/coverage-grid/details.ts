import type { CoverageGrid, CoverageRow, GapList, ListedGap, RepairBody } from '../../api.js';
import { plural } from '../../../domain/format.js';
import { UNPROVED_KINDS } from '../../../domain/gap.js';
import { tellFault } from '../app/fault-text.js';
import { startPoll } from '../app/poll.js';
import { routeHash } from '../app/router.js';
import type { ViewContext } from '../app/view.js';
import { el } from '../dom/element.js';
import { createNotice } from '../dom/notice.js';
import { createGapList } from '../gaps/gap-list.js';
import { axesOf, carryBlock } from './carry-choice.js';
import type { CellBlock } from './cell-choice.js';
import {
  countShades,
  dayCell,
  dayMs,
  dayText,
  percentText,
  rangesOf,
  stepsFor,
} from './coverage-cells.js';
import { SHADE_MEANINGS, SHADE_NAMES } from './day-shade.js';
import { swatch } from './legend.js';
import { createRepair } from './repair.js';
import { createRowCount } from './row-count.js';

const EVERY_MS = 5_000;

/** Gaps are read a symbol at a time; more symbols than this are only counted. */
const MOST_SYMBOLS = 8;

export interface Details {
  readonly element: HTMLElement;
  open(grid: CoverageGrid, rows: readonly CoverageRow[], block: CellBlock): void;
  /** Tells the newer states of the days that it is open for. */
  update(grid: CoverageGrid, rows: readonly CoverageRow[]): void;
  close(): void;
}

export interface DetailsOptions {
  readonly onRepaired: () => void;
  /** It was closed by its own button, which had the focus. */
  readonly onDismissed: () => void;
}

/** The panel that tells about selected cells: their gaps, the runs behind them, and their repair. */
export function createDetails(
  context: ViewContext,
  { onRepaired, onDismissed }: DetailsOptions,
): Details {
  const element = el('aside', { class: 'details', 'aria-label': 'Selected days', hidden: true });
  let opened: AbortController | undefined;
  let update: Details['update'] = () => undefined;
  context.signal.addEventListener('abort', () => opened?.abort());

  const close = (): void => {
    opened?.abort();
    update = () => undefined;
    element.hidden = true;
    element.replaceChildren();
  };
  return {
    element,
    close,
    update: (grid, rows) => update(grid, rows),
    open: (grid, rows, block) => {
      close();
      opened = new AbortController();
      element.hidden = false;
      const shades = countShades(grid, rows, block).map(([shade]) => shade);
      const steps = stepsFor(shades);
      const repair = createRepair(context.api, rangesOf(grid, rows, block), onRepaired);
      repair.element.hidden = !steps.repair;
      const onGaps = (gaps: readonly ListedGap[], areAll: boolean): void => {
        if (gaps.some(({ kind }) => UNPROVED_KINDS.includes(kind))) repair.element.hidden = false;
        if (areAll) repair.look(gaps);
      };
      let states = summary(grid, rows, block);
      update = (newer, newerRows) => {
        const now = carryBlock(block, axesOf(grid, rows), axesOf(newer, newerRows));
        const fresh = now && summary(newer, newerRows, now);
        if (fresh === undefined || fresh.isEqualNode(states)) return;
        states.replaceWith(fresh);
        states = fresh;
      };
      const closing = el('button', { class: 'plain', 'aria-label': 'Close' }, '×');
      closing.addEventListener('click', () => {
        close();
        onDismissed();
      });
      element.append(
        el('div', { class: 'details-head' }, el('h2', {}, titleOf(grid, rows, block)), closing),
        states,
        createRowCount(context, rangesOf(grid, rows, block), opened.signal),
        gapArea(context, rangesOf(grid, rows, block), onGaps, opened.signal),
        repair.element,
        ...(steps.backfill ? [backfillLink(context, grid, rows, block, !steps.repair)] : []),
        ...furtherSteps(context, grid, rows, block),
      );
    },
  };
}

function titleOf(grid: CoverageGrid, rows: readonly CoverageRow[], block: CellBlock): string {
  const count = block.bottom - block.top + 1;
  const symbols = count === 1 ? (rows[block.top]?.symbol ?? '') : `${count} symbols`;
  const first = dayText(dayMs(grid, block.left));
  const last = dayText(dayMs(grid, block.right));
  return `${symbols} ${grid.timeframe}, ${first === last ? first : `${first} to ${last}`}`;
}

function summary(grid: CoverageGrid, rows: readonly CoverageRow[], block: CellBlock): HTMLElement {
  const counts = countShades(grid, rows, block);
  const items = counts.map(([shade, count]) =>
    el(
      'li',
      {},
      swatch(shade),
      `${SHADE_NAMES[shade]}${counts.length === 1 && count === 1 ? '' : `: ${plural(count, 'day')}`}`,
      el('span', { class: 'hint' }, ` ${SHADE_MEANINGS[shade]}`),
    ),
  );
  const cell = dayCell(grid, rows, { row: block.top, column: block.left });
  const alone = block.top === block.bottom && block.left === block.right;
  if (alone && cell !== undefined && !['complete', 'missing', 'outside'].includes(cell.shade))
    items.push(el('li', {}, `${percentText(cell.storedPercent)} of its candles are stored`));
  return el('ul', { class: 'shade-counts' }, ...items);
}

function gapArea(
  { api }: ViewContext,
  ranges: RepairBody['ranges'],
  onGaps: (gaps: readonly ListedGap[], areAll: boolean) => void,
  signal: AbortSignal,
): HTMLElement {
  const notice = createNotice();
  const list = el('div', { class: 'gap-area' }, el('p', { class: 'hint' }, 'Reading the gaps …'));
  let shown = '';
  startPoll({
    everyMs: EVERY_MS,
    signal,
    read: async () => {
      const answers = await Promise.all(
        ranges
          .slice(0, MOST_SYMBOLS)
          .map(({ symbol, timeframe, fromMs, toMs }) =>
            api.gaps({ symbol, timeframe, from: fromMs, to: toMs }, signal),
          ),
      );
      const found = joined(answers);
      onGaps(found.gaps, !found.more && ranges.length <= MOST_SYMBOLS);
      const text = JSON.stringify(found);
      // an unchanged list keeps its focus and its scroll position
      if (text === shown) return;
      shown = text;
      list.replaceChildren(...createGapList(found.gaps, notesOf(found, ranges.length)));
    },
    onDone: (error) => tellFault(notice, error),
  });
  return el('section', {}, el('h3', {}, 'Gaps'), notice.element, list);
}

function joined(answers: readonly GapList[]): GapList {
  const gaps: readonly ListedGap[] = answers.flatMap((answer) => answer.gaps);
  return { gaps, more: answers.some(({ more }) => more) };
}

function notesOf({ more }: GapList, symbols: number): readonly string[] {
  return [
    ...(more ? ['There are more gaps than are listed.'] : []),
    ...(symbols > MOST_SYMBOLS ? [`Listed are those of the first ${MOST_SYMBOLS} symbols.`] : []),
  ];
}

/** Leads to the form, filled in with just these pairs and days. */
function backfillLink(
  { clock }: ViewContext,
  grid: CoverageGrid,
  rows: readonly CoverageRow[],
  block: CellBlock,
  isMain: boolean,
): HTMLElement {
  const toMs = dayMs(grid, block.right + 1);
  const hash = routeHash('runs', {
    start: 'backfill',
    symbols: symbolsOf(rows, block).join(' '),
    timeframe: grid.timeframe,
    from: dayText(dayMs(grid, block.left)),
    to: toMs < clock.nowMs() ? dayText(toMs) : undefined,
  });
  const link = el(
    'a',
    { href: hash, class: isMain ? 'button primary' : 'button' },
    'Backfill these days …',
  );
  return el('p', { class: 'buttons' }, link);
}

function furtherSteps(
  { clock }: ViewContext,
  grid: CoverageGrid,
  rows: readonly CoverageRow[],
  block: CellBlock,
): readonly HTMLElement[] {
  const [symbol, another] = symbolsOf(rows, block);
  if (symbol === undefined || another !== undefined) return [];
  const to = Math.min(dayMs(grid, block.right + 1), clock.nowMs());
  const hash = routeHash('candles', { symbol, timeframe: grid.timeframe, to });
  return [el('p', {}, el('a', { href: hash }, 'Its candles'))];
}

function symbolsOf(rows: readonly CoverageRow[], block: CellBlock): readonly string[] {
  return rows.slice(block.top, block.bottom + 1).map(({ symbol }) => symbol);
}
