import { findInterval, type Interval } from './interval.js';
import { UNKNOWN_SYMBOL, type Query } from './envelope.js';
import type { Market, MarketSymbol } from './market.js';

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 200;
/** The furthest moments a date can have, ms. */
const FURTHEST_MS = 8e15;

/** A kline request whose parameters were understood. */
export interface KlineRequest {
  readonly category: 'spot' | 'linear';
  readonly symbol: MarketSymbol;
  readonly interval: Interval;
  /** As it was sent, ms. */
  readonly startMs?: number;
  readonly endMs?: number;
  /** Already clamped to 1..1000. */
  readonly limit: number;
}

/** Thrown when a parameter is wrong; the message is the venue's retMsg of a 10001. */
export class ParameterError extends Error {}

/** Reads the parameters of GET /v5/market/kline. Throws ParameterError. */
export function parseKline(market: Market, query: Query): KlineRequest {
  // the venue takes linear when the category is missing: a collector must never leave it out
  const category = query.get('category') ?? 'linear';
  if (category !== 'spot' && category !== 'linear') {
    throw new ParameterError('params error: Category is invalid');
  }
  const symbol = findSymbol(market, category, query.get('symbol') ?? '');
  const interval = findInterval(query.get('interval') ?? '');
  if (interval === undefined) {
    throw new ParameterError(
      category === 'spot' ? 'Invalid period!' : 'params error: intervalTime is invalid',
    );
  }
  const startMs = parseInteger(query, 'start');
  const endMs = parseInteger(query, 'end');
  return {
    category,
    symbol,
    interval,
    ...(startMs === undefined ? {} : { startMs }),
    ...(endMs === undefined ? {} : { endMs }),
    limit: parseLimit(market, query),
  };
}

function findSymbol(market: Market, category: 'spot' | 'linear', name: string): MarketSymbol {
  const symbol = market.find(name);
  const nowMs = market.clock.nowMs();
  if (category === 'linear') {
    if (symbol?.quote === 'USDT' && market.isTrading(symbol)) return symbol;
    throw new ParameterError('params error: Symbol Is Invalid');
  }
  const known = symbol !== undefined && symbol.listing.listedMs <= nowMs;
  if (known && (market.isTrading(symbol) || market.quirks.delistedKline === 'frozen')) {
    return symbol;
  }
  throw new ParameterError(UNKNOWN_SYMBOL);
}

function parseLimit(market: Market, query: Query): number {
  const limit = parseInteger(query, 'limit') ?? DEFAULT_LIMIT;
  if (limit >= 1) return Math.min(limit, MAX_LIMIT);
  const { limitBelowOne } = market.quirks;
  if (limitBelowOne === 'error') throw new ParameterError('params error: limit is invalid');
  return limitBelowOne === 'one' ? 1 : DEFAULT_LIMIT;
}

function parseInteger(query: Query, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw new ParameterError(`params error: ${name} is invalid`);
  return Math.min(FURTHEST_MS, Math.max(-FURTHEST_MS, Number(text)));
}
