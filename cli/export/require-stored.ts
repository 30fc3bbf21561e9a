import { WrongUse } from '../../domain/failure.js';
import { nearestSymbols } from '../../domain/instrument.js';
import type { Series } from '../../domain/series.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';

/** @param stored every series that has candles @throws WrongUse for one that has none */
export function requireStored(wanted: readonly Series[], stored: readonly Series[]): void {
  for (const { symbol, timeframe } of wanted) {
    const own = stored.filter((one) => one.symbol === symbol).map((one) => one.timeframe);
    if (own.includes(timeframe)) continue;
    const load = `m1 backfill --symbol ${symbol} --timeframe ${timeframe} loads it`;
    if (own.length > 0) {
      const others = TIMEFRAMES.filter((name) => own.includes(name)).join(', ');
      throw new WrongUse(`${symbol} ${timeframe} is not stored, only ${others}: ${load}`);
    }
    const known = [...new Set(stored.map((one) => one.symbol))];
    const nearest = nearestSymbols(symbol, known).join(', ');
    const like = known.length === 0 ? 'nor is anything else' : `nearest: ${nearest}`;
    throw new WrongUse(`${symbol} is not stored (${like}): ${load}`);
  }
}
