import { success, type ApiAnswer } from './envelope.js';
import type { Market } from './market.js';

/** GET /v5/market/time */
export function answerTime(market: Market, nowMs: number): ApiAnswer {
  const result = { timeSecond: String(Math.floor(nowMs / 1000)), timeNano: `${nowMs}000000` };
  return success(JSON.stringify(result), market.quirks);
}
