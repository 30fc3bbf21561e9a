import { formatScaled } from './decimal-writer.js';
import { failure, success, UNKNOWN_SYMBOL, type ApiAnswer, type Query } from './envelope.js';
import type { Market, MarketSymbol } from './market.js';

const CATEGORY_INVALID = 'params error: category invalid';

/**
 * GET /v5/market/instruments-info. Spot ignores limit and cursor and lists only what trades; other
 * categories are not simulated and answered like an invalid one.
 */
export function answerInstruments(market: Market, query: Query): ApiAnswer {
  const { quirks } = market;
  if (query.get('category') !== 'spot') return failure(10001, CATEGORY_INVALID, quirks);
  const wanted = query.get('symbol');
  const type = query.get('symbolType');
  const status = query.get('status');
  const symbols = market
    .tradingSymbols()
    .filter((each) => wanted === null || each.symbol === wanted)
    .filter(() => status === null || status === 'Trading')
    .filter((each) => type === null || symbolTypeOf(each) === type);
  if (wanted !== null && symbols.length === 0 && quirks.unknownInstrument === 'error') {
    return failure(10001, UNKNOWN_SYMBOL, quirks);
  }
  const cursor = quirks.nextPageCursor === 'empty' ? { nextPageCursor: '' } : {};
  return success(
    JSON.stringify({ category: 'spot', list: symbols.map(publishInstrument), ...cursor }),
    quirks,
  );
}

/** One row of instruments-info, in the venue's key order. */
function publishInstrument(symbol: MarketSymbol): Record<string, unknown> {
  const { priceDecimals, lotDecimals } = symbol;
  const lots = (count: number): string => formatScaled(count, lotDecimals);
  return {
    symbolId: symbol.symbolId,
    symbol: symbol.symbol,
    baseCoin: symbol.base,
    quoteCoin: symbol.quote,
    innovation: '0',
    symbolType: symbolTypeOf(symbol),
    status: 'Trading',
    marginTrading: symbol.rank < 30 ? 'utaOnly' : 'none',
    stTag: symbol.rank % 41 === 40 ? '1' : '0',
    lotSizeFilter: {
      basePrecision: lots(1),
      quotePrecision: formatScaled(1, priceDecimals + lotDecimals),
      minOrderQty: lots(11),
      maxOrderQty: lots(83_000_000),
      minOrderAmt: '5',
      maxOrderAmt: '8000000',
      maxLimitOrderQty: lots(83_000_000),
      maxMarketOrderQty: lots(41_500_000),
      postOnlyMaxLimitOrderSize: '60000',
    },
    priceFilter: { tickSize: formatScaled(1, priceDecimals) },
    riskParameters: { priceLimitRatioX: '0.005', priceLimitRatioY: '0.01' },
  };
}

function symbolTypeOf(symbol: MarketSymbol): string {
  return symbol.rank % 17 === 16 ? 'adventure' : '';
}
