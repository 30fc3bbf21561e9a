import { WrongUse } from '../../domain/failure.js';
import type { Series } from '../../domain/series.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { notStoredText } from '../not-stored.js';

/** @param stored every series that has candles @throws WrongUse for one that has none */
export function requireStored(wanted: readonly Series[], stored: readonly Series[]): void {
  for (const { symbol, timeframe } of wanted) {
    const own = stored.filter((one) => one.symbol === symbol).map((one) => one.timeframe);
    if (own.includes(timeframe)) continue;
    const load = `m1 backfill --symbol ${symbol} --timeframe ${timeframe} loads it`;
    const others = TIMEFRAMES.filter((name) => own.includes(name)).join(', ');
    const cause =
      notStoredText(symbol, stored) ?? `${symbol} ${timeframe} is not stored, only ${others}`;
    throw new WrongUse(`${cause}: ${load}`);
  }
}
