import type { Series } from '../domain/series.js';
import { timeframeMs } from '../domain/timeframe.js';
import type { CandleSlice, LiveCandleUpdate } from './api.js';
import type { LiveBoard } from './live-board.js';

type Candle = CandleSlice['candles'][number];

export interface LiveCandleOptions {
  readonly board: Pick<LiveBoard, 'ticker' | 'lastClosed'>;
  /** The newest stored candle. */
  readonly readNewest: () => Promise<LiveCandleUpdate | undefined>;
  /** Steady clock, ms; default `performance.now`. */
  readonly steadyMs?: () => number;
}

/** What is stored without being published, by a sync for example, is seen after this time, ms. */
const READ_EVERY_MS = 5_000;

/**
 * The newest candle of a series, step by step. The one that is under way follows the live price: it
 * begins where the last closed one ended, and is replaced by the venue's own when that is stored.
 */
export class LiveCandle {
  readonly #options: LiveCandleOptions;
  readonly #series: Series;
  readonly #lengthMs: number;
  readonly #steadyMs: () => number;
  /** The last that was sent. */
  #sent: LiveCandleUpdate | undefined;
  #closedMs = -Infinity;
  #readAtMs = -Infinity;

  constructor(series: Series, options: LiveCandleOptions) {
    this.#options = options;
    this.#series = series;
    this.#lengthMs = timeframeMs(series.timeframe);
    this.#steadyMs = options.steadyMs ?? (() => performance.now());
  }

  /** The newest candle where it is another one than before. */
  async next(): Promise<LiveCandleUpdate | undefined> {
    const closed = this.#options.board.lastClosed(this.#series);
    if (closed !== undefined && closed[0] > this.#closedMs) {
      this.#closedMs = closed[0];
      return this.#send({ candle: closed, closed: true });
    }
    if (this.#steadyMs() - this.#readAtMs > READ_EVERY_MS) {
      this.#readAtMs = this.#steadyMs();
      const stored = await this.#options.readNewest();
      if (stored !== undefined && this.#isNewer(stored)) return this.#send(stored);
    }
    return this.#followPrice();
  }

  #isNewer({ candle, closed }: LiveCandleUpdate): boolean {
    const sent = this.#sent;
    if (sent === undefined || candle[0] > sent.candle[0]) return true;
    return candle[0] === sent.candle[0] && closed && !sent.closed;
  }

  #followPrice(): LiveCandleUpdate | undefined {
    const ticker = this.#options.board.ticker(this.#series.symbol);
    const sent = this.#sent;
    const price = Number(ticker?.lastPrice);
    if (ticker === undefined || sent === undefined || !Number.isFinite(price)) return undefined;
    const open = sent.closed ? begunAfter(sent.candle, this.#lengthMs) : sent.candle;
    const isWithin = ticker.updatedAtMs >= open[0] && ticker.updatedAtMs < open[0] + this.#lengthMs;
    if (ticker.gone === true || !isWithin) return undefined;
    const [openMs, first, high, low, close, volume] = open;
    if (!sent.closed && price === close) return undefined;
    const candle: Candle = [
      ...([openMs, first, Math.max(high, price), Math.min(low, price)] as const),
      ...([price, volume] as const),
    ];
    return this.#send({ candle, closed: false });
  }

  #send(update: LiveCandleUpdate): LiveCandleUpdate {
    this.#sent = update;
    if (update.closed) this.#closedMs = Math.max(this.#closedMs, update.candle[0]);
    return update;
  }
}

/** A candle opens at the price at which the one before has closed. */
function begunAfter([openMs, , , , close]: Candle, lengthMs: number): Candle {
  return [openMs + lengthMs, close, close, close, close, 0];
}
