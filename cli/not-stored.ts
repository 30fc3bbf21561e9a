import { nearestSymbols } from '../domain/instrument.js';
import type { Series } from '../domain/series.js';

/**
 * `NOPE is not stored (nearest: ...)`.
 *
 * @param stored every series that has candles
 * @returns undefined when something of this pair is stored
 */
export function notStoredText(symbol: string, stored: readonly Series[]): string | undefined {
  const known = [...new Set(stored.map((one) => one.symbol))];
  if (known.includes(symbol)) return undefined;
  const nearest = nearestSymbols(symbol, known).join(', ');
  const like = known.length === 0 ? 'nor is anything else' : `nearest: ${nearest}`;
  return `${symbol} is not stored (${like})`;
}
