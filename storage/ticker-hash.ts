import type { Ticker } from '../domain/ticker.js';

/** The fields of a ticker's hash, all texts. Other programs read them. */
export const TICKER_FIELDS = [
  'symbol',
  'last_price',
  'price_24h_pct',
  'high_24h',
  'low_24h',
  'volume_24h',
  'turnover_24h',
  'updated_at',
] as const;

/** A ticker as Redis has it; all but `updated_at` are the venue's own texts. */
export type TickerHash = Readonly<Record<(typeof TICKER_FIELDS)[number], string>>;

/** Name of the hash, and of the channel on which it is published. */
export function tickerKey(symbol: string): string {
  return `ticker:${symbol}`;
}

export function tickerHash(ticker: Ticker): TickerHash {
  return {
    symbol: ticker.symbol,
    last_price: ticker.lastPrice,
    price_24h_pct: ticker.price24hPcnt,
    high_24h: ticker.highPrice24h,
    low_24h: ticker.lowPrice24h,
    volume_24h: ticker.volume24h,
    turnover_24h: ticker.turnover24h,
    updated_at: microsecondTime(ticker.receivedAtMs),
  };
}

/** As `2026-02-15T09:30:00.123456+00:00`. */
export function microsecondTime(timeMs: number): string {
  const microseconds = Math.round(timeMs * 1000);
  const toMilliseconds = new Date(Math.floor(microseconds / 1000)).toISOString().slice(0, -1);
  return `${toMilliseconds}${String(microseconds % 1000).padStart(3, '0')}+00:00`;
}
