import { CandleList } from './candle-list.js';
import type { CandleSeries, CandleView } from './candle-series.js';
import { DecimalWriter } from './decimal-writer.js';
import { failure, success, type ApiAnswer, type Query } from './envelope.js';
import { ParameterError, parseKline, type KlineRequest } from './kline-request.js';
import type { Market } from './market.js';
import type { PageCache } from './page-cache.js';

/** Candles found for a request, in the order they were looked for. */
interface Found {
  readonly candles: CandleList;
  readonly order: 'oldest first' | 'newest first';
}

const NOTHING: Found = { candles: new CandleList(1), order: 'newest first' };

/** GET /v5/market/kline: the venue's window rules, newest candle first. */
export class KlineEndpoint {
  readonly #market: Market;
  readonly #cache: PageCache | undefined;
  readonly #writer = new DecimalWriter();

  /** Without a cache every page is computed anew. */
  constructor(market: Market, cache: PageCache | undefined) {
    this.#market = market;
    this.#cache = cache;
  }

  /** `staleRows`: answers with the candles before the window, whatever the window holds. */
  answer(query: Query, staleRows = false): ApiAnswer {
    const { quirks } = this.#market;
    let request: KlineRequest;
    try {
      request = parseKline(this.#market, query);
    } catch (error) {
      if (error instanceof ParameterError) return failure(10001, error.message, quirks);
      throw error;
    }
    const { startMs, endMs } = request;
    const reversed = startMs !== undefined && endMs !== undefined && startMs > endMs;
    if (reversed && quirks.startAfterEnd === 'error') {
      return failure(10001, 'params error: start is after end', quirks);
    }
    if (staleRows || reversed) {
      return success(this.#write(request, reversed ? NOTHING : this.#before(request)), quirks);
    }
    return success(this.#page(request), quirks);
  }

  #page(request: KlineRequest): Buffer {
    const view = this.#market.view();
    const { symbol, category, interval, startMs, endMs, limit } = request;
    const settled = isSettled(request, view);
    const key = `${category}/${symbol.symbol}/${symbol.revision}/${interval.id}/${startMs ?? ''}/${endMs ?? ''}/${limit}`;
    const known = settled ? this.#cache?.get(key) : undefined;
    if (known !== undefined) return known;
    const page = this.#write(request, this.#find(request, view));
    if (settled) this.#cache?.set(key, page);
    return page;
  }

  #find(request: KlineRequest, view: CandleView): Found {
    const { interval, startMs, endMs, limit } = request;
    const series = this.#series(request);
    if (startMs === undefined) {
      const candles = series.newest(interval, -Infinity, endMs ?? Infinity, limit, view);
      return { candles, order: 'newest first' };
    }
    const fromMs = interval.floor(startMs);
    // with an end the page hangs on the end, without one on the start
    const found: Found =
      endMs === undefined
        ? { candles: series.oldest(interval, fromMs, Infinity, limit, view), order: 'oldest first' }
        : { candles: series.newest(interval, fromMs, endMs, limit, view), order: 'newest first' };
    const { emptyWindow, startInHole } = this.#market.quirks;
    if (found.candles.length === 0) {
      return emptyWindow === 'stale' ? this.#before(request) : found;
    }
    const inHole = endMs === undefined && (found.candles.openMs[0] as number) > fromMs;
    if (!inHole || startInHole === 'strict') return found;
    const before = this.#before(request);
    return before.candles.length === 0 ? found : before;
  }

  /** The newest candles before the window. */
  #before(request: KlineRequest): Found {
    const { interval, startMs, limit } = request;
    const untilMs = interval.floor(startMs ?? 0) - 1;
    const series = this.#series(request);
    const candles = series.newest(interval, -Infinity, untilMs, limit, this.#market.view());
    return { candles, order: 'newest first' };
  }

  #series({ category, symbol }: KlineRequest): CandleSeries {
    return category === 'spot' ? symbol.series : this.#market.linearSeries(symbol);
  }

  #write({ category, symbol }: KlineRequest, { candles, order }: Found): Buffer {
    const writer = this.#writer;
    writer.clear();
    writer.text(`{"category":"${category}","symbol":"${symbol.symbol}","list":`);
    writer.rows(candles, symbol, order === 'newest first' ? 'as listed' : 'reversed');
    writer.text('}');
    return writer.toBuffer();
  }
}

/** Whether the answer can never change any more: every candle up to the window's end is final. */
function isSettled({ symbol, interval, endMs }: KlineRequest, view: CandleView): boolean {
  if (endMs === undefined || symbol.listing.amendments.length > 0) return false;
  const lastEndMs = interval.next(interval.floor(endMs));
  return lastEndMs + view.amendAfterMs <= Math.min(view.nowMs, view.hideFromMs);
}
