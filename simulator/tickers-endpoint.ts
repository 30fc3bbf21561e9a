import { failure, success, UNKNOWN_SYMBOL, type ApiAnswer, type Query } from './envelope.js';
import type { Market } from './market.js';
import type { TickerBoard } from './ticker-board.js';

/**
 * GET /v5/market/tickers: all spot tickers in one answer, or one symbol's. Other categories are not
 * simulated and answered like an invalid one.
 */
export function answerTickers(market: Market, board: TickerBoard, query: Query): ApiAnswer {
  const { quirks } = market;
  if (query.get('category') !== 'spot') {
    return failure(10001, 'params error: category invalid', quirks);
  }
  const wanted = query.get('symbol');
  const symbols = market
    .tradingSymbols()
    .filter((each) => wanted === null || each.symbol === wanted);
  if (wanted !== null && symbols.length === 0) return failure(10001, UNKNOWN_SYMBOL, quirks);
  const list = symbols.map((symbol) => board.ticker(symbol));
  return success(JSON.stringify({ category: 'spot', list }), quirks);
}
