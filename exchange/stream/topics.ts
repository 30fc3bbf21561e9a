import type { Series } from '../../domain/series.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { INTERVALS } from '../intervals.js';

/** A busy topic that every connection carries: its silence tells a dead link from a quiet market. */
export const CANARY_SYMBOL = 'BTCUSDT';

/** The venue takes at most so many topics in one request. */
export const MAX_REQUEST_TOPICS = 10;

/** The topics of one connection must have fewer characters than this, see `argsLength`. */
export const MAX_CONNECTION_CHARS = 21_000;

/** Two quotes and a comma: whether the venue counts them is unknown, so they are counted. */
const CHARS_AROUND_TOPIC = 3;

/**
 * One thing to subscribe to. A `canary` is the ticker of a symbol that is not followed: it shows that
 * the connection lives, and nobody is told of it.
 */
export type Topic =
  | { readonly kind: 'ticker' | 'canary'; readonly name: string; readonly symbol: string }
  | { readonly kind: 'kline'; readonly name: string; readonly series: Series };

export function tickerName(symbol: string): string {
  return `tickers.${symbol}`;
}

export function klineName({ symbol, timeframe }: Series): string {
  return `kline.${INTERVALS[timeframe]}.${symbol}`;
}

export const CANARY_NAME = tickerName(CANARY_SYMBOL);

/** Length of these names as arguments of requests, characters, by the largest way to count. */
export function argsLength(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + name.length + CHARS_AROUND_TOPIC, 0);
}

/**
 * Spreads symbols over as few connections as hold them, filled evenly. All topics of a symbol are on
 * one connection, and every connection carries the canary once, as its first topic.
 *
 * @returns the topics of each connection; empty without symbols
 * @throws RangeError when the topics of one symbol are too long for a connection
 */
export function shardTopics(symbols: readonly string[]): readonly (readonly Topic[])[] {
  const distinct = [...new Set(symbols)];
  if (distinct.length === 0) return [];
  const chars = distinct.reduce((sum, symbol) => sum + symbolLength(symbol), 0);
  let count = Math.ceil(chars / MAX_CONNECTION_CHARS);
  for (;;) {
    const shards = spread(distinct, count).map(withCanary);
    const fits = shards.every((topics) => argsLength(namesOf(topics)) < MAX_CONNECTION_CHARS);
    if (fits) return shards;
    if (count === distinct.length) throw new RangeError('a symbol is too long to subscribe to');
    count++;
  }
}

export function namesOf(topics: readonly Topic[]): readonly string[] {
  return topics.map(({ name }) => name);
}

/** Cuts topic names into requests. */
export function batchesOf(names: readonly string[]): readonly (readonly string[])[] {
  const batches: (readonly string[])[] = [];
  for (let i = 0; i < names.length; i += MAX_REQUEST_TOPICS) {
    batches.push(names.slice(i, i + MAX_REQUEST_TOPICS));
  }
  return batches;
}

/** Gives each symbol to the shard with the fewest characters, so the busiest pairs spread too. */
function spread(symbols: readonly string[], count: number): readonly (readonly string[])[] {
  const shards = Array.from({ length: count }, () => ({ symbols: [] as string[], chars: 0 }));
  for (const symbol of symbols) {
    const emptiest = shards.reduce((least, shard) => (shard.chars < least.chars ? shard : least));
    emptiest.symbols.push(symbol);
    emptiest.chars += symbolLength(symbol);
  }
  return shards.map((shard) => shard.symbols);
}

function withCanary(symbols: readonly string[]): readonly Topic[] {
  const topics = symbols.flatMap(topicsOf);
  const followed = topics.find(({ name }) => name === CANARY_NAME);
  const first = followed ?? { kind: 'canary', name: CANARY_NAME, symbol: CANARY_SYMBOL };
  return [first, ...topics.filter((topic) => topic !== followed)];
}

function topicsOf(symbol: string): readonly Topic[] {
  const ticker: Topic = { kind: 'ticker', name: tickerName(symbol), symbol };
  const klines = TIMEFRAMES.map((timeframe): Topic => {
    const series = { symbol, timeframe };
    return { kind: 'kline', name: klineName(series), series };
  });
  return [ticker, ...klines];
}

function symbolLength(symbol: string): number {
  return argsLength(namesOf(topicsOf(symbol)));
}
