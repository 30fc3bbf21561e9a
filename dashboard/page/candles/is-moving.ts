import type { LiveCandleUpdate } from '../../api.js';
import { timeframeMs, type Timeframe } from '../../../domain/timeframe.js';

/** After its end a candle is awaited from the venue for so long, ms. */
const LATE_MS = 30_000;

/** Whether the candle that was under way last still follows the live prices. */
export function isMoving(
  { candle, madeOf, pricesEnded }: LiveCandleUpdate,
  timeframe: Timeframe,
  nowMs: number,
): boolean {
  const followed = madeOf?.pricesSinceMs !== undefined && pricesEnded !== true;
  return followed && nowMs < candle[0] + timeframeMs(timeframe) + LATE_MS;
}
