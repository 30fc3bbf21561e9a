import type { CandleList } from './candle-list.js';
import { formatScaled } from './decimal-writer.js';
import { hash32 } from './hash.js';
import type { MarketSymbol } from './market.js';
import type { Quirks } from './quirks.js';

/** The last 24 hours of one symbol in the venue's own words; all strings. */
export interface DayFigures {
  readonly symbol: string;
  readonly lastPrice: string;
  readonly highPrice24h: string;
  readonly lowPrice24h: string;
  readonly prevPrice24h: string;
  readonly volume24h: string;
  readonly turnover24h: string;
  readonly price24hPcnt: string;
  readonly usdIndexPrice: string;
}

/** A ticker of the REST API: the stream's has no book. */
export interface Ticker extends DayFigures {
  readonly bid1Price: string;
  readonly bid1Size: string;
  readonly ask1Price: string;
  readonly ask1Size: string;
}

/** Pairs from this rank on are thin: no index price, and an empty book when the quirk says so. */
const THIN_FROM_RANK = 50;
const INDEXED_QUOTES = new Set(['USDT', 'USDC']);

/** Publishes the one candle of `sum` (the last 24 hours; may be missing) with its book. */
export function publishTicker(
  symbol: MarketSymbol,
  sum: CandleList,
  quirks: Quirks,
  nowMs: number,
): Ticker {
  const last = sum.length === 0 ? 0 : (sum.close[0] as number);
  const book = symbol.rank >= THIN_FROM_RANK ? quirks.emptyBook : 'quoted';
  return { ...publishDay(symbol, sum), ...publishBook(symbol, last, book, nowMs) };
}

/** Publishes the one candle of `sum`, in the stream's order of fields. */
export function publishDay(symbol: MarketSymbol, sum: CandleList): DayFigures {
  const { priceDecimals, lotDecimals } = symbol;
  const value = (column: Float64Array): number => (sum.length === 0 ? 0 : (column[0] as number));
  const price = (ticks: number): string => formatScaled(Math.max(0, ticks), priceDecimals);
  const [last, first] = [value(sum.close), value(sum.open)];
  const indexed = INDEXED_QUOTES.has(symbol.quote) && symbol.rank < THIN_FROM_RANK;
  return {
    symbol: symbol.symbol,
    lastPrice: price(last),
    highPrice24h: price(value(sum.high)),
    lowPrice24h: price(value(sum.low)),
    prevPrice24h: price(first),
    volume24h: formatScaled(value(sum.volume), lotDecimals),
    turnover24h: formatScaled(
      value(sum.turnoverLo),
      priceDecimals + lotDecimals,
      value(sum.turnoverHi),
    ),
    price24hPcnt: publishFraction(last - first, first),
    usdIndexPrice: indexed ? formatScaled(last * 100 + 7, priceDecimals + 2) : '',
  };
}

function publishBook(
  symbol: MarketSymbol,
  lastTicks: number,
  book: Quirks['emptyBook'],
  nowMs: number,
): Pick<Ticker, 'bid1Price' | 'bid1Size' | 'ask1Price' | 'ask1Size'> {
  if (book !== 'quoted') {
    const none = book === 'blank' ? '' : '0';
    return { bid1Price: none, bid1Size: none, ask1Price: none, ask1Size: none };
  }
  const chance = hash32(symbol.symbolId, Math.floor(nowMs / 1000));
  const price = (ticks: number): string => formatScaled(Math.max(0, ticks), symbol.priceDecimals);
  const size = (n: number): string => formatScaled(1 + (n % 100_000), symbol.lotDecimals);
  return {
    bid1Price: price(lastTicks - (chance % 2)),
    bid1Size: size(chance),
    ask1Price: price(lastTicks + 1),
    ask1Size: size(chance >>> 7),
  };
}

/** A fraction with at most four decimals: 0.0068 is 0.68 %. */
function publishFraction(change: number, of: number): string {
  if (of === 0) return '0';
  const tenThousandths = Math.round((change / of) * 10_000);
  return (tenThousandths < 0 ? '-' : '') + formatScaled(Math.abs(tenThousandths), 4);
}
