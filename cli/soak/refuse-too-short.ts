import { WrongUse } from '../../domain/failure.js';
import { SIMULATED_SOURCE } from '../../domain/source.js';
import { timeframeMs } from '../../domain/timeframe.js';
import { formatSeconds } from '../render/format.js';

/** Whenever a soak of this length starts, a whole candle of five minutes lies within it, ms. */
const SHORTEST_MS = 2 * timeframeMs('5m');

/**
 * A soak in which no candle can close shows nothing of candles. A simulated market may be faster than
 * time.
 *
 * @param source label of the venue; undefined: not known yet
 * @throws WrongUse
 */
export function refuseTooShort(durationMs: number, source: string | undefined): void {
  if (durationMs >= SHORTEST_MS || source === undefined || source === SIMULATED_SOURCE) return;
  throw new WrongUse(
    `in a soak of ${formatSeconds(durationMs / 1000)} no candle may close: --hours 0.2 or more`,
  );
}
