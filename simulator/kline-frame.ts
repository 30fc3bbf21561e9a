import type { CandleList } from './candle-list.js';
import { formatScaled } from './decimal-writer.js';
import type { StreamFrame } from './stream-frame.js';
import type { KlineTopic } from './stream-topic.js';

/** One candle of a kline message. */
export interface KlineElement {
  /** The one candle in it. */
  readonly candle: CandleList;
  readonly confirm: boolean;
  /** Moment of the last trade in it, ms. */
  readonly tradedMs: number;
}

/** The venue's kline message; `tsMs` is the market's clock. */
export function writeKline(
  { topic, symbol, pair, interval }: KlineTopic,
  elements: readonly KlineElement[],
  tsMs: number,
): StreamFrame {
  const { priceDecimals, lotDecimals } = pair;
  const price = (column: Float64Array): string => formatScaled(column[0] as number, priceDecimals);
  const data = elements.map(({ candle, confirm, tradedMs }) => ({
    start: candle.openMs[0] as number,
    end: interval.next(candle.openMs[0] as number) - 1,
    interval: interval.id,
    open: price(candle.open),
    close: price(candle.close),
    high: price(candle.high),
    low: price(candle.low),
    volume: formatScaled(candle.volume[0] as number, lotDecimals),
    turnover: formatScaled(
      candle.turnoverLo[0] as number,
      priceDecimals + lotDecimals,
      candle.turnoverHi[0] as number,
    ),
    confirm,
    timestamp: tradedMs,
  }));
  const kind = elements.some(({ confirm }) => confirm) ? 'closing' : 'kline';
  const text = JSON.stringify({ type: 'snapshot', topic, data, ts: tsMs });
  return { kind, subject: { topic, symbol }, text };
}
