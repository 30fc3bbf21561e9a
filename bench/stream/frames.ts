import type { Series } from '../../domain/series.js';
import { openTimeMs, timeframeMs } from '../../domain/timeframe.js';
import { klineName, tickerName } from '../../exchange/stream/topics.js';

/** A frame of the venue, ready for the wire, in which only the time is still to be written. */
export interface WireFrame {
  readonly bytes: Buffer;
  /** Where the 13 digits of the venue's clock are. */
  readonly timeAt: number;
}

/** Stands where the time will be: as long as a time is. */
const SOME_TIME_MS = 1_700_000_000_000;
const TIME_MARK = `"ts":${SOME_TIME_MS}`;

/** A text frame that is whole. */
const WHOLE_TEXT = 0x81;
/** Says that the next two bytes are the length. */
const LENGTH_IN_TWO_BYTES = 126;

/** A ticker as the venue sends it. @param variant makes another price */
export function tickerText(symbol: string, variant: number): string {
  const data = {
    symbol,
    lastPrice: `64057.${variant}`,
    highPrice24h: '64500',
    lowPrice24h: '63232.1',
    prevPrice24h: '64326.9',
    volume24h: `7217.99097${variant}`,
    turnover24h: '460629823.77866687',
    price24hPcnt: '-0.0042',
    usdIndexPrice: '63989.741059',
  };
  const head = `{"topic":"${tickerName(symbol)}",${TIME_MARK},"type":"snapshot","cs":112571857121`;
  return `${head},"data":${JSON.stringify(data)}}`;
}

/** The candle that is open at `nowMs`, or the closing frame of the one before it. */
export function klineText(series: Series, nowMs: number, closed: boolean): string {
  const lengthMs = timeframeMs(series.timeframe);
  const start = openTimeMs(series.timeframe, nowMs) - (closed ? lengthMs : 0);
  const topic = klineName(series);
  const data = {
    start,
    end: start + lengthMs - 1,
    interval: topic.split('.')[1],
    open: '64104.5',
    close: '64096.4',
    high: '64104.5',
    low: '64096.4',
    volume: '1.01673',
    turnover: '65173.1079222',
    confirm: closed,
    timestamp: start,
  };
  const element = JSON.stringify(data);
  return `{"type":"snapshot","topic":"${topic}","data":[${element}],${TIME_MARK}}`;
}

/** Puts a text with {@link TIME_MARK} into a frame of the WebSocket protocol, server to client. */
export function wireFrame(text: string): WireFrame {
  const payload = Buffer.from(text, 'latin1');
  if (payload.length < LENGTH_IN_TWO_BYTES || payload.length > 0xffff) {
    throw new RangeError(`a frame of ${payload.length} bytes needs another head`);
  }
  const head = Buffer.from([WHOLE_TEXT, LENGTH_IN_TWO_BYTES, 0, 0]);
  head.writeUInt16BE(payload.length, 2);
  const timeAt = head.length + text.indexOf(TIME_MARK) + TIME_MARK.indexOf(':') + 1;
  return { bytes: Buffer.concat([head, payload]), timeAt };
}

/** Copies frames into one piece for one write, with this time in each. */
export function joinFrames(frames: readonly WireFrame[], timeMs: number): Buffer {
  const digits = Buffer.from(String(timeMs), 'latin1');
  const all = Buffer.allocUnsafe(frames.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes, timeAt } of frames) {
    bytes.copy(all, at);
    digits.copy(all, at + timeAt);
    at += bytes.length;
  }
  return all;
}
