import type { ListedSeries } from '../../api.js';
import { isTimeframe, TIMEFRAMES, type Timeframe } from '../../../domain/timeframe.js';
import { tellFault } from '../app/fault-text.js';
import { keepInHash } from '../app/keep-in-hash.js';
import { startPoll } from '../app/poll.js';
import { routeHash } from '../app/router.js';
import type { ViewContext } from '../app/view.js';
import { el } from '../dom/element.js';
import { command, emptyState } from '../dom/empty.js';
import { createNotice } from '../dom/notice.js';
import { LoadedSeries } from './loaded-series.js';
import { SeriesChart } from './series-chart.js';
import { createSeriesPicker } from './series-picker.js';

const SERIES_EVERY_MS = 30_000;

/** A chart of one stored series. */
export function openCandles(context: ViewContext): void {
  const { api, route, stage, signal } = context;
  const notice = createNotice();
  const area = el('div', { class: 'chart-area' });
  let opened: AbortController | undefined;
  signal.addEventListener('abort', () => opened?.abort());

  const tell = (error: unknown): void => tellFault(notice, error);
  const show = (symbol: string, timeframe: Timeframe, toMs: number | undefined): void => {
    opened?.abort();
    opened = new AbortController();
    keepInHash('candles', { symbol, timeframe, to: toMs });
    document.title = `${symbol} ${timeframe} · M1`;
    notice.clear();
    const events = { onDone: tell, onNewest: () => show(symbol, timeframe, undefined) };
    const series = new LoadedSeries(symbol, timeframe);
    const chart = new SeriesChart(context, series, events, opened.signal);
    area.replaceChildren(chart.element);
    chart.start(toMs);
  };

  // a line of its own: the next reading that goes well clears the other one
  const unknown = createNotice();
  const picker = createSeriesPicker({
    onChoose: (symbol, timeframe) => show(symbol, timeframe, undefined),
    onUnknown: (symbol) => {
      if (symbol === undefined) unknown.clear();
      else unknown.warn(`Nothing is stored of ${symbol}.`);
    },
  });
  const controls = el('div', { class: 'controls' }, picker.element);
  stage.append(controls, unknown.element, notice.element, area);

  let chosen = false;
  startPoll({
    everyMs: SERIES_EVERY_MS,
    signal,
    read: async () => {
      const { series } = await api.series(signal);
      picker.offer(series);
      if (series.length === 0 && !chosen) area.replaceChildren(nothingStored());
      if (series.length === 0 || chosen) return;
      chosen = true;
      const wanted = wantedSeries(route.query, series);
      picker.choose(wanted.symbol, wanted.timeframe);
      show(wanted.symbol, wanted.timeframe, wanted.toMs);
    },
    onDone: tell,
  });
}

function wantedSeries(query: URLSearchParams, series: readonly ListedSeries[]) {
  const symbol = query.get('symbol');
  const timeframe = query.get('timeframe') ?? '';
  const to = Number(query.get('to') ?? NaN);
  const first =
    series.find((one) => one.symbol === 'BTCUSDT' && one.timeframe === '1h') ?? series[0];
  return {
    symbol: symbol ?? first?.symbol ?? '',
    timeframe: isTimeframe(timeframe) ? timeframe : (first?.timeframe ?? TIMEFRAMES[0]),
    toMs: symbol !== null && Number.isFinite(to) ? to : undefined,
  };
}

function nothingStored(): HTMLElement {
  return emptyState(
    'Nothing is stored yet.',
    el('a', { href: routeHash('runs', { start: 'backfill' }) }, 'Start a backfill'),
    ', or run ',
    command('npx m1 backfill --top 50'),
  );
}
