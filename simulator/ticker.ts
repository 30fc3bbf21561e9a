import type { CandleList } from './candle-list.js';
import { formatScaled } from './decimal-writer.js';
import { hash32 } from './hash.js';
import type { MarketSymbol } from './market.js';
import type { Quirks } from './quirks.js';

/** The last 24 hours of one symbol in the venue's own words; all strings. */
export interface Ticker {
  readonly symbol: string;
  readonly bid1Price: string;
  readonly bid1Size: string;
  readonly ask1Price: string;
  readonly ask1Size: string;
  readonly lastPrice: string;
  readonly prevPrice24h: string;
  readonly price24hPcnt: string;
  readonly highPrice24h: string;
  readonly lowPrice24h: string;
  readonly turnover24h: string;
  readonly volume24h: string;
  readonly usdIndexPrice: string;
}

/** Pairs from this rank on are thin: no index price, and an empty book when the quirk says so. */
const THIN_FROM_RANK = 50;
const INDEXED_QUOTES = new Set(['USDT', 'USDC']);

/** Publishes the one candle of `sum` (the last 24 hours; may be missing) as a ticker. */
export function publishTicker(
  symbol: MarketSymbol,
  sum: CandleList,
  quirks: Quirks,
  nowMs: number,
): Ticker {
  const { priceDecimals, lotDecimals } = symbol;
  const value = (column: Float64Array): number => (sum.length === 0 ? 0 : (column[0] as number));
  const price = (ticks: number): string => formatScaled(Math.max(0, ticks), priceDecimals);
  const [last, first] = [value(sum.close), value(sum.open)];
  const thin = symbol.rank >= THIN_FROM_RANK;
  const indexed = INDEXED_QUOTES.has(symbol.quote) && !thin;
  return {
    symbol: symbol.symbol,
    ...publishBook(symbol, last, thin ? quirks.emptyBook : 'quoted', nowMs),
    lastPrice: price(last),
    prevPrice24h: price(first),
    price24hPcnt: publishFraction(last - first, first),
    highPrice24h: price(value(sum.high)),
    lowPrice24h: price(value(sum.low)),
    turnover24h: formatScaled(
      value(sum.turnoverLo),
      priceDecimals + lotDecimals,
      value(sum.turnoverHi),
    ),
    volume24h: formatScaled(value(sum.volume), lotDecimals),
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
