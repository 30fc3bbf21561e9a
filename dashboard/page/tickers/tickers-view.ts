import type { TickerUpdate } from '../../api.js';
import { plural } from '../../../domain/format.js';
import { followEvents } from '../api/event-stream.js';
import { tellFault } from '../app/fault-text.js';
import { createLiveBadge } from '../app/live-badge.js';
import type { ViewContext } from '../app/view.js';
import { el, setText } from '../dom/element.js';
import { command, emptyState } from '../dom/empty.js';
import { createNotice } from '../dom/notice.js';
import { isStale, orderTickers, type TickerSort } from './ticker-order.js';
import { TickerTable } from './ticker-table.js';

/** Ages are told in whole seconds; the order follows the prices no faster, ms. */
const BEAT_MS = 1_000;

/** The newest price of every streamed pair. */
export function openTickers({ api, clock, stage, signal }: ViewContext): void {
  const tickers = new Map<string, TickerUpdate>();
  let sort: TickerSort = { column: 'turnover24h', descending: true };
  let hasAll = false;
  let isConnected = false;
  const notice = createNotice();
  const counts = el('span', { class: 'hint' });
  const live = createLiveBadge('connected, no prices arrive');
  const search = el('input', {
    type: 'search',
    placeholder: 'Symbol',
    'aria-label': 'Search symbols',
  });
  const table = new TickerTable(sort, (chosen) => {
    sort = chosen;
    show();
  });
  const area = el('div', {}, el('p', {}, 'Reading …'));

  const show = (): void => {
    if (!hasAll) return;
    const nowMs = clock.nowMs();
    const shown = orderTickers(tickers.values(), sort, search.value);
    const stale = [...tickers.values()].filter((one) => isStale(one.updatedAtMs, nowMs)).length;
    if (isConnected) live.tell(stale < tickers.size ? 'live' : 'still');
    setText(counts, `${plural(tickers.size, 'pair')}, ${stale} stale`);
    if (tickers.size === 0) {
      if (area.firstElementChild?.className !== 'empty') area.replaceChildren(noTickers());
      return;
    }
    if (!table.element.isConnected) area.replaceChildren(table.element);
    table.show(shown, nowMs);
  };
  const take = (updates: readonly TickerUpdate[]): void => {
    for (const ticker of updates) {
      if (ticker.gone === true) {
        tickers.delete(ticker.symbol);
        table.remove(ticker.symbol);
      } else {
        tickers.set(ticker.symbol, ticker);
        table.update(ticker);
      }
    }
    if (hasAll) return;
    hasAll = true;
    show();
  };

  const beat = setInterval(show, BEAT_MS);
  signal.addEventListener('abort', () => clearInterval(beat));
  search.addEventListener('input', show);
  stage.append(
    el('div', { class: 'controls' }, search, counts, live.element),
    notice.element,
    area,
  );
  void followEvents({
    open: (connection) => api.tickers(connection),
    onLive: () => {
      isConnected = true;
      notice.clear();
      // the first event of a connection is all there is
      for (const symbol of tickers.keys()) table.remove(symbol);
      tickers.clear();
      hasAll = false;
    },
    onData: (data) => take(data as readonly TickerUpdate[]),
    onLost: (error) => {
      isConnected = false;
      live.tell('lost');
      tellFault(notice, error);
    },
    signal,
  });
}

function noTickers(): HTMLElement {
  return emptyState(
    'No live tickers.',
    'Start the stream: ',
    command('npx m1 stream --top 50 --detach'),
  );
}
