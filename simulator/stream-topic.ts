import { findInterval, type Interval } from './interval.js';
import type { Market, MarketSymbol } from './market.js';

/** A ticker subscription of one connection. */
export interface TickerTopic {
  readonly kind: 'ticker';
  readonly topic: string;
  readonly symbol: string;
  readonly pair: MarketSymbol;
}

/** A kline subscription of one connection. */
export interface KlineTopic {
  readonly kind: 'kline';
  readonly topic: string;
  readonly symbol: string;
  readonly pair: MarketSymbol;
  readonly interval: Interval;
  /** Open time and end (ms) of the candle whose closing frame comes next. */
  openMs: number;
  endMs: number;
}

export type StreamTopic = TickerTopic | KlineTopic;

/** Thrown when a topic cannot be subscribed; the message is the venue's ret_msg. */
export class RefusedTopic extends Error {}

/** Reads a topic of a subscribe request. Throws RefusedTopic. */
export function parseTopic(market: Market, topic: string): StreamTopic {
  const parts = topic.split('.');
  const symbol = parts.at(-1) ?? '';
  const interval = parts.length === 3 ? findInterval(parts[1] ?? '') : undefined;
  const isTicker = parts.length === 2 && parts[0] === 'tickers';
  const isKline = parts[0] === 'kline' && interval !== undefined;
  if (!(isTicker || isKline) || !/^[A-Z0-9]+$/.test(symbol)) throw noHandler(topic);
  const pair = market.find(symbol);
  if (pair === undefined || !market.isTrading(pair)) {
    if (market.quirks.streamUnknownSymbol === 'handler-not-found') throw noHandler(topic);
    throw new RefusedTopic(`Invalid symbol :[${topic}]`);
  }
  if (interval === undefined) return { kind: 'ticker', topic, symbol, pair };
  const openMs = interval.floor(market.clock.nowMs());
  const endMs = interval.next(openMs);
  return { kind: 'kline', topic, symbol, pair, interval, openMs, endMs };
}

export function noHandler(topic: string): RefusedTopic {
  return new RefusedTopic(`error:handler not found,topic:${topic}`);
}
