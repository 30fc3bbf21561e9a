import type { RequestBudget } from '../domain/budget.js';
import { RetrySoon } from '../domain/failure.js';
import type { Instrument, Turnover } from '../domain/instrument.js';
import { PAGE_CANDLES, type CandlePage } from '../domain/page.js';
import type { Series } from '../domain/series.js';
import type { TimeRange } from '../domain/time-range.js';
import { timeframeMs } from '../domain/timeframe.js';
import type { RequestOptions, Venue } from '../domain/venue.js';
import { openCcxtSession } from './ccxt-session.js';
import type { Result } from './envelope.js';
import { excerptOf } from './excerpt.js';
import { createHttpTransport, type HttpTransport } from './http-transport.js';
import { INTERVALS } from './intervals.js';
import { parseRows, readOrdinaryRows, type KlineRows } from './kline-rows.js';
import { parseKlines } from './parse-klines.js';
import { parseInstruments, parseTurnovers, type Listing } from './parse-listing.js';
import { Requester } from './requester.js';
import { restBaseUrl } from './rest-url.js';

export interface BybitVenueOptions {
  /** Base URL, for example `https://api.bybit.com`. */
  readonly restUrl: string;
  readonly budget: RequestBudget;
  /** For one request from connecting to the end of its answer, ms. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** How long nothing is asked after a ban of this IP, ms. */
  readonly banWaitMs: number;
  /** Most requests under way at once. Default 128. */
  readonly maxInFlight?: number;
  /** Local clock, ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Told in one line of listed pairs that cannot be used. Default: nobody is told. */
  readonly warn?: (message: string) => void;
}

/** A venue with sockets to close. */
export interface BybitVenue extends Venue {
  /** Ends what is under way as RetrySoon and closes the sockets. */
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_IN_FLIGHT = 128;

/** Most symbols that one warning names. */
const WARN_SYMBOLS = 10;

const CATEGORY = 'spot';

/**
 * ByBit's public spot REST through ccxt.
 *
 * @throws WrongUse when `restUrl` is no http(s) base URL
 */
export function createBybitVenue(options: BybitVenueOptions): BybitVenue {
  const { requestTimeoutMs = DEFAULT_TIMEOUT_MS, maxInFlight = DEFAULT_IN_FLIGHT } = options;
  const restUrl = restBaseUrl(options.restUrl);
  const transport = createHttpTransport({
    connections: maxInFlight,
    timeoutMs: requestTimeoutMs,
  });
  const session = openCcxtSession({ restUrl, get: (url) => transport.get(url) });
  // Every request awaits the session and reports its failure; before the first one nobody does.
  session.catch(() => undefined);
  const requester = new Requester({
    session,
    budget: options.budget,
    banWaitMs: options.banWaitMs,
    maxInFlight,
    now: options.now ?? Date.now,
  });
  return new RestVenue(requester, transport, options.warn ?? (() => undefined));
}

class RestVenue implements BybitVenue {
  readonly #requester: Requester;
  readonly #transport: HttpTransport;
  readonly #warn: (message: string) => void;

  constructor(requester: Requester, transport: HttpTransport, warn: (message: string) => void) {
    this.#requester = requester;
    this.#transport = transport;
    this.#warn = warn;
  }

  async serverTimeMs(options: RequestOptions): Promise<number> {
    const { venueTimeMs } = await this.#requester.ask(
      { label: 'time', ofSymbol: false, send: (session) => session.publicGetV5MarketTime({}) },
      options,
    );
    return venueTimeMs;
  }

  async instruments(options: RequestOptions): Promise<readonly Instrument[]> {
    const label = 'instruments-info';
    const { result } = await this.#requester.ask(
      {
        label,
        ofSymbol: false,
        send: (session) => session.publicGetV5MarketInstrumentsInfo({ category: CATEGORY }),
      },
      options,
    );
    const cursor = result['nextPageCursor'];
    if (typeof cursor === 'string' && cursor !== '') {
      // Pairs missing from a listing become inactive, so half a listing must not pass for a whole.
      throw new RetrySoon(`ByBit's ${label} is incomplete: it names a next page`);
    }
    return this.#usable(parseInstruments(listOf(result, label)), label);
  }

  async turnovers(options: RequestOptions): Promise<readonly Turnover[]> {
    const label = 'tickers';
    const { result } = await this.#requester.ask(
      {
        label,
        ofSymbol: false,
        send: (session) => session.publicGetV5MarketTickers({ category: CATEGORY }),
      },
      options,
    );
    return this.#usable(parseTurnovers(listOf(result, label)), label);
  }

  async candles(series: Series, window: TimeRange, options: RequestOptions): Promise<CandlePage> {
    const { symbol, timeframe } = series;
    const lengthMs = timeframeMs(timeframe);
    const limit = candlesIn(window, lengthMs);
    const label = `kline ${symbol} ${timeframe}`;
    const { result, rows, venueTimeMs } = await this.#requester.ask(
      {
        label,
        ofSymbol: true,
        send: (session) =>
          session.publicGetV5MarketKline({
            category: CATEGORY,
            // ccxt puts values into the address as they are
            symbol: encodeURIComponent(symbol),
            interval: INTERVALS[timeframe],
            start: window.fromMs,
            // inclusive: the last open time, or the venue would drop the first candle
            end: window.toMs - lengthMs,
            limit,
          }),
      },
      options,
    );
    if (result['symbol'] !== symbol) {
      throw new RetrySoon(`ByBit answered ${label} for another symbol`);
    }
    const list = listOf(result, label);
    const candles = rows && readOrdinaryRows(rows, window, lengthMs);
    if (candles !== undefined) return { window, venueTimeMs, candles, skippedMs: [] };
    const parsed = rows === undefined ? list : rowsOf(rows, label);
    return { window, venueTimeMs, ...parseKlines(parsed, window, lengthMs, label) };
  }

  async close(): Promise<void> {
    await this.#transport.close();
    await this.#requester.idle();
  }

  #usable<T>({ rows, leftOut }: Listing<T>, label: string): readonly T[] {
    if (leftOut.length > 0) {
      const names = leftOut.slice(0, WARN_SYMBOLS).map(excerptOf).join(', ');
      const more = leftOut.length > WARN_SYMBOLS ? ', ...' : '';
      this.#warn(`${leftOut.length} rows of ByBit's ${label} cannot be used: ${names}${more}`);
    }
    return rows;
  }
}

function candlesIn(window: TimeRange, lengthMs: number): number {
  const count = (window.toMs - window.fromMs) / lengthMs;
  const onGrid = window.fromMs % lengthMs === 0 && Number.isInteger(count);
  if (!onGrid || count < 1 || count > PAGE_CANDLES) {
    throw new RangeError(`[${window.fromMs}, ${window.toMs}) is not a page of whole candles`);
  }
  return count;
}

/** @throws RetrySoon when the answer is of another category or holds no list */
function listOf(result: Result['result'], label: string): readonly unknown[] {
  const { category, list } = result;
  if (category !== CATEGORY) throw new RetrySoon(`ByBit answered ${label} for another category`);
  if (!Array.isArray(list)) throw new RetrySoon(`ByBit's answer for ${label} has no list`);
  return list;
}

/** @throws RetrySoon when the rows are no JSON */
function rowsOf(rows: KlineRows, label: string): readonly unknown[] {
  try {
    return parseRows(rows);
  } catch (error) {
    throw new RetrySoon(`ByBit's answer for ${label} is no JSON`, { cause: error });
  }
}
