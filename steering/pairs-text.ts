import { symbolsText } from '../domain/format.js';
import type { StreamPairs } from '../domain/stream.js';

/** Symbols that a summary names; more are counted, since the server takes 200 bytes. */
const NAMED_SYMBOLS = 4;

/** `the top 50 pairs`, `BTCUSDT, ETHUSDT and 3 more`. */
export function pairsText(pairs: StreamPairs): string {
  if (pairs.kind === 'symbols') return symbolsText(pairs.symbols, NAMED_SYMBOLS);
  return pairs.count === 1 ? 'the top pair' : `the top ${pairs.count} pairs`;
}
