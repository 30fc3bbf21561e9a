import type { LiveCandle } from '../../domain/live-candle.js';
import type { Series } from '../../domain/series.js';
import type { Ticker } from '../../domain/ticker.js';
import { timeframeMs } from '../../domain/timeframe.js';
import { isRecord } from '../envelope.js';
import { parseDecimal } from '../parse-decimal.js';

/** Any JSON object that the venue sent, nothing of it checked. */
export type RawFrame = Readonly<Record<string, unknown>>;

/** The venue's answer to a subscribe request. */
export interface Reply {
  /** As in the request; empty when the venue leaves it out. */
  readonly requestId: string;
  readonly success: boolean;
  readonly text: string;
}

/** When a frame was made and when it came. */
export interface FrameTimes {
  /** The venue's clock, ms. */
  readonly venueTimeMs: number;
  /** Local clock, ms. */
  readonly receivedAtMs: number;
}

/** @returns undefined when `text` is no JSON object */
export function parseFrame(text: string): RawFrame | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Far beyond any market; what is more is in another unit, ms since 1970. */
const MAX_TIME_MS = 1e13;

/** The venue's clock in a frame of data, ms; undefined when it is none. */
export function frameTimeMs({ ts }: RawFrame): number | undefined {
  return typeof ts === 'number' && Number.isSafeInteger(ts) && ts > 0 && ts < MAX_TIME_MS
    ? ts
    : undefined;
}

/** @returns `pong`, or undefined when the frame answers nothing that is asked here */
export function parseReply(frame: RawFrame): Reply | 'pong' | undefined {
  const { op, success, ret_msg: text, req_id: id } = frame;
  if (op === 'ping' || op === 'pong') return 'pong';
  // A request that the venue cannot even read is refused without its op.
  if (typeof success !== 'boolean' || (success && op !== 'subscribe')) return undefined;
  const requestId = typeof id === 'string' || typeof id === 'number' ? String(id) : '';
  return { requestId, success, text: typeof text === 'string' ? text : '' };
}

/** @returns undefined when the frame is not a whole ticker of `symbol` */
export function parseTicker(
  { data }: RawFrame,
  symbol: string,
  times: FrameTimes,
): Ticker | undefined {
  if (!isRecord(data) || data['symbol'] !== symbol) return undefined;
  const { lastPrice, price24hPcnt, highPrice24h, lowPrice24h, volume24h, turnover24h } = data;
  if (
    !isDecimal(lastPrice) ||
    !isSignedDecimal(price24hPcnt) ||
    !isDecimal(highPrice24h) ||
    !isDecimal(lowPrice24h) ||
    !isDecimal(volume24h) ||
    !isDecimal(turnover24h)
  ) {
    return undefined;
  }
  const { venueTimeMs, receivedAtMs } = times;
  return {
    symbol,
    lastPrice,
    price24hPcnt,
    highPrice24h,
    lowPrice24h,
    volume24h,
    turnover24h,
    venueTimeMs,
    receivedAtMs,
  };
}

/** @returns `open` for a candle that is not closed yet, undefined when the element is no candle */
export function parseKline(
  element: unknown,
  series: Series,
  times: FrameTimes,
): LiveCandle | 'open' | undefined {
  if (!isRecord(element)) return undefined;
  const { confirm, start } = element;
  if (confirm === false) return 'open';
  if (confirm !== true || typeof start !== 'number' || !isOpenTime(start, series)) return undefined;
  const candle: LiveCandle = {
    symbol: series.symbol,
    timeframe: series.timeframe,
    openTimeMs: start,
    open: parseDecimal(element['open']),
    high: parseDecimal(element['high']),
    low: parseDecimal(element['low']),
    close: parseDecimal(element['close']),
    volume: parseDecimal(element['volume']),
    turnover: parseDecimal(element['turnover']),
    venueTimeMs: times.venueTimeMs,
    receivedAtMs: times.receivedAtMs,
  };
  const { open, high, low, close, volume, turnover } = candle;
  // NaN spreads, so one test sees any bad cell
  return Number.isNaN(open + high + low + close + volume + turnover) ? undefined : candle;
}

function isOpenTime(timeMs: number, { timeframe }: Series): boolean {
  return Number.isSafeInteger(timeMs) && timeMs > 0 && timeMs % timeframeMs(timeframe) === 0;
}

function isDecimal(cell: unknown): cell is string {
  return typeof cell === 'string' && !Number.isNaN(parseDecimal(cell));
}

function isSignedDecimal(cell: unknown): cell is string {
  return typeof cell === 'string' && isDecimal(cell.startsWith('-') ? cell.slice(1) : cell);
}
