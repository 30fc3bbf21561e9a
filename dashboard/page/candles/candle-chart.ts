import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type CandlestickData,
  type HistogramData,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
  type WhitespaceData,
} from 'lightweight-charts';
import type { ListedGap } from '../../api.js';
import type { Timeframe } from '../../../domain/timeframe.js';
import { cssColour, onSchemeChange } from '../app/css-colour.js';
import { placesOf, pointsOf, priceDecimals, type Candle, type Point } from './candle-points.js';
import { GapBands } from './gap-bands.js';

/** Older candles are fetched when fewer places than this are left of what can be seen. */
const AHEAD = 80;
const KEY_STEP = 10;
const ZOOM = 1.25;

export interface CandleChartOptions {
  readonly onNearStart: () => void;
  /** Told the open time under the pointer, undefined when it has left. */
  readonly onPoint: (timeMs: number | undefined) => void;
  readonly signal: AbortSignal;
}

/** Candles, their volume and the gaps between them. */
export class CandleChart {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<'Candlestick'>;
  readonly #volume: ISeriesApi<'Histogram'>;
  readonly #bands = new GapBands();
  #times: readonly number[] = [];
  #gaps: readonly ListedGap[] = [];
  #shown: readonly Point[] = [];

  constructor(element: HTMLElement, { onNearStart, onPoint, signal }: CandleChartOptions) {
    this.#chart = createChart(element, {
      autoSize: true,
      // the page's footer names the library: its own logo needs an inline style
      layout: { attributionLogo: false },
      localization: { locale: 'en-GB' },
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 3 },
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries);
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      priceFormat: { type: 'volume' },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#candles.priceScale().applyOptions({ scaleMargins: { top: 0.06, bottom: 0.26 } });
    this.#volume.priceScale().applyOptions({ scaleMargins: { top: 0.8, bottom: 0 } });
    this.#candles.attachPrimitive(this.#bands);
    this.#paint();
    onSchemeChange(() => this.#paint(), signal);
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && range.from < AHEAD && this.#shown.length > 0) onNearStart();
    });
    this.#chart.subscribeCrosshairMove(({ time }) =>
      onPoint(typeof time === 'number' ? time * 1000 : undefined),
    );
    element.addEventListener('keydown', (event) => this.#onKey(event), { signal });
    signal.addEventListener('abort', () => this.#chart.remove());
  }

  /** Shows `candles`; what can be seen stays in place. */
  set(candles: readonly Candle[], gaps: readonly ListedGap[], timeframe: Timeframe): void {
    const points = pointsOf(candles, timeframe);
    const decimals = priceDecimals(candles);
    this.#candles.applyOptions({
      priceFormat: { type: 'price', precision: decimals, minMove: 10 ** -decimals },
    });
    this.#shown = points;
    this.#times = points.map(({ timeMs }) => timeMs);
    this.#gaps = gaps;
    this.#candles.setData(points.map(barOf));
    this.#volume.setData(points.map((point) => this.#volumeOf(point)));
    this.#mark();
  }

  /** Replaces the newest candle, or adds the one that follows it. */
  update(candle: Candle): void {
    const point = { timeMs: candle[0], candle };
    const known = this.#times.at(-1) === candle[0];
    this.#shown = [...(known ? this.#shown.slice(0, -1) : this.#shown), point];
    if (!known) this.#times = [...this.#times, candle[0]];
    this.#candles.update(barOf(point));
    this.#volume.update(this.#volumeOf(point));
  }

  toNewest(): void {
    this.#chart.timeScale().scrollToRealTime();
  }

  #mark(): void {
    this.#bands.set(
      this.#gaps.flatMap((gap) => {
        const places = placesOf(this.#times, gap);
        return places === undefined ? [] : [{ places, colour: cssColour(`shade-${gap.kind}`) }];
      }),
    );
  }

  #volumeOf({ timeMs, candle }: Point): HistogramData<UTCTimestamp> | WhitespaceData<UTCTimestamp> {
    if (candle === undefined) return { time: secondsOf(timeMs) };
    const [, open, , , close, volume] = candle;
    if (volume === null) return { time: secondsOf(timeMs) };
    const color = cssColour(close < open ? 'volume-down' : 'volume-up');
    return { time: secondsOf(timeMs), value: volume, color };
  }

  #paint(): void {
    const line = cssColour('line');
    this.#chart.applyOptions({
      layout: {
        background: { color: cssColour('surface') },
        textColor: cssColour('quiet'),
        fontFamily: 'system-ui, sans-serif',
      },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      timeScale: { borderColor: line },
      rightPriceScale: { borderColor: line },
    });
    const up = cssColour('up');
    const down = cssColour('down');
    this.#candles.applyOptions({
      upColor: up,
      wickUpColor: up,
      borderUpColor: up,
      downColor: down,
      wickDownColor: down,
      borderDownColor: down,
    });
    this.#volume.setData(this.#shown.map((point) => this.#volumeOf(point)));
    this.#mark();
  }

  #onKey(event: KeyboardEvent): void {
    const scale = this.#chart.timeScale();
    const { barSpacing } = scale.options();
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => scale.scrollToPosition(scale.scrollPosition() - KEY_STEP, false),
      ArrowRight: () => scale.scrollToPosition(scale.scrollPosition() + KEY_STEP, false),
      '+': () => scale.applyOptions({ barSpacing: barSpacing * ZOOM }),
      '-': () => scale.applyOptions({ barSpacing: barSpacing / ZOOM }),
      End: () => scale.scrollToRealTime(),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  }
}

function secondsOf(timeMs: number): UTCTimestamp {
  return (timeMs / 1000) as UTCTimestamp;
}

function barOf({
  timeMs,
  candle,
}: Point): CandlestickData<UTCTimestamp> | WhitespaceData<UTCTimestamp> {
  const time = secondsOf(timeMs);
  if (candle === undefined) return { time };
  const [, open, high, low, close] = candle;
  return { time, open, high, low, close };
}
