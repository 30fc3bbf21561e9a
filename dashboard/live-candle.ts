import type { Series } from '../domain/series.js';
import { openTimeMs, timeframeMs } from '../domain/timeframe.js';
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

/** The prices that were seen within one candle. */
interface SeenPrices {
  readonly openMs: number;
  readonly first: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
}

/** What is stored without being published, by a sync for example, is seen after this time, ms. */
const READ_EVERY_MS = 5_000;

/**
 * The newest candle of a series, step by step. The one that is under way is what was stored of it and
 * the prices seen since; it is replaced by the venue's own when that is stored.
 */
export class LiveCandle {
  readonly #options: LiveCandleOptions;
  readonly #series: Series;
  readonly #lengthMs: number;
  readonly #steadyMs: () => number;
  #sent: LiveCandleUpdate | undefined;
  /** The last closed one. */
  #closed: Candle | undefined;
  /** What is stored of the one that is under way. */
  #reading: Candle | undefined;
  #prices: SeenPrices | undefined;
  /** No price was missed since then, ms. */
  #sinceMs = Infinity;
  #isBlind = true;
  #readAtMs = -Infinity;

  constructor(series: Series, options: LiveCandleOptions) {
    this.#options = options;
    this.#series = series;
    this.#lengthMs = timeframeMs(series.timeframe);
    this.#steadyMs = options.steadyMs ?? (() => performance.now());
  }

  /** The newest candle where it is another one than before. */
  async next(): Promise<LiveCandleUpdate | undefined> {
    this.#seePrice();
    const published = this.#options.board.lastClosed(this.#series);
    if (published !== undefined && this.#isNewer(published)) return this.#close(published);
    if (this.#steadyMs() - this.#readAtMs > READ_EVERY_MS) {
      this.#readAtMs = this.#steadyMs();
      const stored = await this.#options.readNewest();
      if (stored !== undefined && this.#isNewer(stored.candle)) {
        if (stored.closed) return this.#close(stored.candle);
        this.#reading = stored.candle;
      }
    }
    const update = this.#underWay();
    if (update === undefined || JSON.stringify(update) === JSON.stringify(this.#sent)) return;
    this.#sent = update;
    return update;
  }

  #isNewer([openMs]: Candle): boolean {
    return this.#closed === undefined || openMs > this.#closed[0];
  }

  #close(candle: Candle): LiveCandleUpdate {
    this.#closed = candle;
    this.#sent = { candle, closed: true };
    return this.#sent;
  }

  #seePrice(): void {
    const ticker = this.#options.board.ticker(this.#series.symbol);
    if (ticker === undefined || ticker.gone === true) {
      this.#isBlind = true;
      return;
    }
    const price = Number(ticker.lastPrice);
    if (!Number.isFinite(price)) return;
    if (this.#isBlind) this.#sinceMs = ticker.updatedAtMs;
    this.#isBlind = false;
    const openMs = openTimeMs(this.#series.timeframe, ticker.updatedAtMs);
    const seen =
      this.#prices?.openMs === openMs
        ? this.#prices
        : { openMs, first: price, high: price, low: price };
    this.#prices = {
      ...seen,
      high: Math.max(seen.high, price),
      low: Math.min(seen.low, price),
      last: price,
    };
  }

  #underWay(): LiveCandleUpdate | undefined {
    const read = this.#reading !== undefined && this.#isNewer(this.#reading);
    const begun = read ? this.#reading : this.#begunAfterClosed();
    if (begun === undefined) return undefined;
    const prices = this.#prices?.openMs === begun[0] ? this.#prices : undefined;
    if (prices === undefined && !read) return undefined;
    const [openMs, open, high, low, close] = begun;
    const candle: Candle = [
      ...([openMs, open, Math.max(high, prices?.high ?? high)] as const),
      // a volume is true for its moment only
      ...([Math.min(low, prices?.low ?? low), prices?.last ?? close, null] as const),
    ];
    const pricesSinceMs = prices && Math.max(openMs, this.#sinceMs);
    const ended = prices !== undefined && this.#isBlind;
    return {
      ...{ candle, closed: false, madeOf: { read, pricesSinceMs } },
      ...(ended ? { pricesEnded: true } : {}),
    };
  }

  /** A candle opens at the price at which the one before has closed; later, only its prices are known. */
  #begunAfterClosed(): Candle | undefined {
    if (this.#closed === undefined) return undefined;
    const openMs = this.#closed[0] + this.#lengthMs;
    const first = this.#sinceMs <= openMs ? this.#closed[4] : this.#prices?.first;
    return first === undefined ? undefined : [openMs, first, first, first, first, null];
  }
}
