import type { TimedCandle } from '../../domain/verify.js';
import { VALUE_COLUMNS, type CandleEncoder, type WriteBytes } from './candle-encoder.js';

/** CSV with a header line. */
export function csvEncoder(write: WriteBytes): CandleEncoder {
  return textEncoder(write, `timestamp,${VALUE_COLUMNS.join(',')}\n`, csvLine);
}

/** A JSON document a line. */
export function jsonLinesEncoder(write: WriteBytes): CandleEncoder {
  return textEncoder(write, '', jsonLine);
}

function textEncoder(
  write: WriteBytes,
  header: string,
  lineOf: (candle: TimedCandle) => string,
): CandleEncoder {
  let pending = header;
  const flush = async (): Promise<void> => {
    const text = pending;
    pending = '';
    if (text !== '') await write(Buffer.from(text));
  };
  return {
    write: (candles) => {
      pending += candles.map(lineOf).join('');
      return flush();
    },
    finish: flush,
  };
}

/** A value that is not known is an empty field. */
function csvLine(candle: TimedCandle): string {
  const values = VALUE_COLUMNS.map((name) => candle[name] ?? '');
  return `${timeText(candle.timeMs)},${values.join(',')}\n`;
}

function jsonLine(candle: TimedCandle): string {
  const { timeMs, open, high, low, close, volume, turnover } = candle;
  const timestamp = timeText(timeMs);
  return `${JSON.stringify({ timestamp, open, high, low, close, volume, turnover })}\n`;
}

/** ISO 8601 in UTC, with a fraction only where there is one. */
function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z');
}
