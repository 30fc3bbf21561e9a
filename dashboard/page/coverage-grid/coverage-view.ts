import type { CoverageGrid } from '../../api.js';
import { isTimeframe, TIMEFRAMES } from '../../../domain/timeframe.js';
import { tellFault } from '../app/fault-text.js';
import { keepInHash } from '../app/keep-in-hash.js';
import { startPoll } from '../app/poll.js';
import { routeHash } from '../app/router.js';
import type { ViewContext } from '../app/view.js';
import { createChoice } from '../dom/choice.js';
import { el } from '../dom/element.js';
import { command, emptyState } from '../dom/empty.js';
import { createNotice } from '../dom/notice.js';
import { rowsOf } from './coverage-cells.js';
import { createDetails } from './details.js';
import type { GridPanel } from './grid-panel.js';
import { createLegend } from './legend.js';

const EVERY_MS = 5_000;
const DAY_CHOICES = ['30', '90', '365'] as const;

/** What is there and what is missing, a row a symbol and a cell a day. */
export function openCoverage(context: ViewContext): void {
  const { api, route, stage, signal } = context;
  const wanted = route.query.get('timeframe') ?? '';
  let timeframe = isTimeframe(wanted) ? wanted : '5m';
  let days: (typeof DAY_CHOICES)[number] =
    DAY_CHOICES.find((choice) => choice === route.query.get('days')) ?? '90';
  let grid: CoverageGrid | undefined;
  let panel: GridPanel | undefined;

  const search = el('input', {
    type: 'search',
    placeholder: 'Symbol',
    'aria-label': 'Search symbols',
    value: route.query.get('search') ?? '',
  });
  const notice = createNotice();
  const area = el('div', { class: 'grid-area', 'aria-busy': true }, el('p', {}, 'Reading …'));
  const details = createDetails(context, {
    onRepaired: () => poll.now(),
    onDismissed: () => panel?.focus(),
  });

  const show = (): void => {
    if (grid === undefined || panel === undefined) return;
    const rows = rowsOf(grid, search.value);
    if (rows.length > 0) {
      if (!panel.element.isConnected) area.replaceChildren(panel.element);
      panel.show(grid, rows);
      details.update(grid, rows);
    } else {
      area.replaceChildren(grid.rows.length > 0 ? noneFound(search.value) : nothingStored());
    }
  };
  const keep = (): void => keepInHash('coverage', { timeframe, days, search: search.value.trim() });
  const other = (): void => {
    keep();
    details.close();
    poll.now();
  };

  const poll = startPoll({
    everyMs: EVERY_MS,
    signal,
    read: async () => {
      const asked = { timeframe, days };
      const [answer] = await Promise.all([
        api.coverage(timeframe, Number(days), signal),
        loadPanel(),
      ]);
      // chosen otherwise meanwhile: the next answer is already asked for
      if (asked.timeframe === timeframe && asked.days === days) grid = answer;
    },
    onDone: (error) => {
      tellFault(notice, error);
      area.removeAttribute('aria-busy');
      show();
    },
  });

  const loadPanel = async (): Promise<void> => {
    if (panel !== undefined) return;
    const { GridPanel: Panel } = await import('./grid-panel.js');
    panel = new Panel({
      onOpen: (block) => grid && details.open(grid, rowsOf(grid, search.value), block),
      onClear: () => details.close(),
      signal,
    });
  };

  search.addEventListener('input', () => {
    keep();
    details.close();
    show();
  });
  stage.append(
    el(
      'div',
      { class: 'controls' },
      createChoice({
        label: 'Timeframe',
        values: TIMEFRAMES,
        chosen: timeframe,
        onChoose: (value) => {
          timeframe = value;
          other();
        },
      }),
      createChoice({
        label: 'Days',
        values: DAY_CHOICES,
        chosen: days,
        onChoose: (value) => {
          days = value;
          other();
        },
      }),
      search,
    ),
    createLegend(),
    notice.element,
    el('div', { class: 'coverage' }, area, details.element),
  );
}

function nothingStored(): HTMLElement {
  return emptyState(
    'Nothing is stored yet.',
    el('a', { href: routeHash('runs', { start: 'backfill' }) }, 'Start a backfill'),
    ', or run ',
    command('npx m1 backfill --top 50'),
  );
}

function noneFound(search: string): HTMLElement {
  return emptyState(`No stored symbol holds “${search.trim()}”.`, 'Search for a part of its name.');
}
