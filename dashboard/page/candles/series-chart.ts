import type { LiveCandleUpdate } from '../../api.js';
import { formatMinute } from '../../../domain/format.js';
import { followEvents } from '../api/event-stream.js';
import { createLiveBadge } from '../app/live-badge.js';
import { startPoll } from '../app/poll.js';
import type { ViewContext } from '../app/view.js';
import { el, setText } from '../dom/element.js';
import { emptyState } from '../dom/empty.js';
import { createGapList } from '../gaps/gap-list.js';
import { GAP_NAMES, spanText } from '../gaps/gap-words.js';
import type { CandleChart } from './candle-chart.js';
import { candleText } from './candle-text.js';
import { isMoving } from './is-moving.js';
import type { LoadedSeries } from './loaded-series.js';

/** Candles of one request. */
const SLICE = 500;

/** A chart that could not be opened, or of which nothing is stored yet, is tried again, ms. */
const AGAIN_MS = 3_000;

/** Prices may end without a word: how often it is looked whether they did, ms. */
const BEAT_MS = 1_000;

/** So many gaps are listed below the chart; the rest are in the coverage. */
const MOST_GAPS = 50;

export interface SeriesChartEvents {
  /** Told after each request and each lost connection, undefined when all went well. */
  readonly onDone: (error: unknown) => void;
  /** From a chart of the past to the newest candles. */
  readonly onNewest: () => void;
}

/** The chart of one series with what is told below it; ends when `signal` aborts. */
export class SeriesChart {
  readonly element: HTMLElement;
  readonly #context: ViewContext;
  readonly #series: LoadedSeries;
  readonly #events: SeriesChartEvents;
  readonly #signal: AbortSignal;
  readonly #chartBox = el('div', { class: 'chart', tabindex: 0, role: 'img' });
  readonly #tells = el('p', { class: 'chart-tells' });
  readonly #live = createLiveBadge('connected, no live candle');
  readonly #gapBox = el('div', { class: 'gap-area' });
  readonly #gapCount = el('summary', {});
  readonly #parts = [
    el('div', { class: 'chart-line' }, this.#tells, this.#live.element),
    this.#chartBox,
    el('details', { class: 'chart-gaps' }, this.#gapCount, this.#gapBox),
  ];
  #chart: CandleChart | undefined;
  #isReadingOlder = false;
  #pointedMs: number | undefined;
  #isConnected = false;
  /** The candle that was under way last. */
  #underWay: LiveCandleUpdate | undefined;

  constructor(
    context: ViewContext,
    series: LoadedSeries,
    events: SeriesChartEvents,
    signal: AbortSignal,
  ) {
    this.#context = context;
    this.#series = series;
    this.#events = events;
    this.#signal = signal;
    this.element = el('div', {}, ...this.#parts);
  }

  /** Shows the candles before `toMs`, or the newest ones and follows them, as soon as there are any. */
  start(toMs: number | undefined): void {
    const opened = new AbortController();
    startPoll({
      everyMs: AGAIN_MS,
      signal: AbortSignal.any([this.#signal, opened.signal]),
      read: async () => {
        const [{ CandleChart: Chart }] = await Promise.all([
          import('./candle-chart.js'),
          this.#read(toMs),
        ]);
        if (this.#signal.aborted) return;
        if (this.#series.candles.length === 0) {
          this.#tellNothing();
          return;
        }
        this.#open(Chart, toMs);
        opened.abort();
      },
      onDone: this.#events.onDone,
    });
  }

  #open(Chart: typeof CandleChart, toMs: number | undefined): void {
    this.element.replaceChildren(...this.#parts);
    this.#chart = new Chart(this.#chartBox, {
      onNearStart: () => void this.#readOlder(),
      onPoint: (timeMs) => {
        this.#pointedMs = timeMs;
        this.#tell();
      },
      signal: this.#signal,
    });
    this.#draw();
    if (toMs === undefined) this.#follow();
    else this.#offerNewest();
  }

  async #read(toMs: number | undefined): Promise<void> {
    const { symbol, timeframe } = this.#series;
    const query = { symbol, timeframe, to: toMs, limit: SLICE };
    this.#series.add(await this.#context.api.candles(query, this.#signal), toMs);
    this.#events.onDone(undefined);
  }

  async #readOlder(): Promise<void> {
    if (this.#isReadingOlder || !this.#series.hasOlder) return;
    this.#isReadingOlder = true;
    try {
      await this.#read(this.#series.firstMs);
      this.#draw();
    } catch (error) {
      if (!this.#signal.aborted) this.#events.onDone(error);
    } finally {
      this.#isReadingOlder = false;
    }
  }

  #follow(): void {
    let connections = 0;
    const beat = setInterval(() => this.#tellLive(), BEAT_MS);
    this.#signal.addEventListener('abort', () => clearInterval(beat));
    void followEvents({
      open: (signal) => this.#context.api.liveCandle(this.#series, signal),
      onLive: () => {
        this.#isConnected = true;
        // candles that closed while nobody listened
        if (connections++ > 0) void this.#readNewest();
      },
      onData: (data) => this.#take(data as LiveCandleUpdate),
      onLost: (error) => {
        this.#isConnected = false;
        this.#underWay = undefined;
        this.#live.tell('lost');
        this.#events.onDone(error);
      },
      signal: this.#signal,
    });
  }

  #take(update: LiveCandleUpdate): void {
    const { candle, closed } = update;
    if (!closed) this.#underWay = update;
    const follows = this.#series.follow(update);
    if (follows && this.#series.candles.at(-1) === candle) {
      this.#chart?.update(candle);
      this.#tell();
    }
    // a close may have brought a gap, or closed one
    if (!follows || closed) void this.#readNewest();
  }

  async #readNewest(): Promise<void> {
    try {
      await this.#read(undefined);
      this.#draw();
    } catch (error) {
      if (!this.#signal.aborted) this.#events.onDone(error);
    }
  }

  #draw(): void {
    if (this.#signal.aborted) return;
    const { candles, gaps, symbol, timeframe } = this.#series;
    this.#chart?.set(candles, gaps, timeframe);
    const first = formatMinute(candles[0]?.[0] ?? 0);
    const last = formatMinute(candles.at(-1)?.[0] ?? 0);
    this.#chartBox.setAttribute(
      'aria-label',
      `${symbol} ${timeframe}, ${candles.length} candles, ${first} to ${last}. ` +
        'Left and right arrows scroll, plus and minus zoom, End shows the newest.',
    );
    const notes = gaps.length > MOST_GAPS ? [`Listed are the newest ${MOST_GAPS}.`] : [];
    setText(this.#gapCount, `Gaps in what is shown: ${gaps.length}`);
    this.#gapBox.replaceChildren(...createGapList(gaps.slice(-MOST_GAPS).toReversed(), notes));
    this.#tell();
  }

  /** What is under the pointer, else the newest candle. */
  #tell(): void {
    const { candles } = this.#series;
    const timeMs = this.#pointedMs ?? candles.at(-1)?.[0];
    if (timeMs === undefined) return;
    const candle = this.#series.candleAt(timeMs);
    const gap = this.#series.gapAt(timeMs);
    const parts = this.#series.unfinishedAt(timeMs);
    const text =
      candle === undefined ? `${formatMinute(timeMs)} no candle` : candleText(candle, parts);
    const why =
      gap === undefined
        ? ''
        : ` · ${GAP_NAMES[gap.kind]}, ${spanText(gap.fromMs, gap.toMs)}${gap.reason === undefined ? '' : `: ${gap.reason}`}`;
    setText(this.#tells, `${text}${why}`);
  }

  #tellLive(): void {
    if (!this.#isConnected) return;
    const nowMs = this.#context.clock.nowMs();
    const moves = this.#underWay && isMoving(this.#underWay, this.#series.timeframe, nowMs);
    this.#live.tell(moves === true ? 'live' : 'still');
  }

  #tellNothing(): void {
    if (this.element.firstElementChild?.className === 'empty') return;
    const { symbol, timeframe } = this.#series;
    this.element.replaceChildren(
      emptyState(`No candle of ${symbol} ${timeframe} is stored here.`, 'Choose another series.'),
    );
  }

  #offerNewest(): void {
    const button = el('button', {}, 'Newest');
    button.addEventListener('click', () => this.#events.onNewest());
    this.#live.element.replaceWith(button);
  }
}
