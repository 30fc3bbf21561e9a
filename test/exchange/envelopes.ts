/* Whole answers of the venue, named by what they are. Times and rows from its documents and captures. */

export const ENVELOPE_TIME_MS = 1_683_473_000_500;

const HOUR_MS = 3_600_000;

/** Open time of the oldest row of `KLINES`. */
export const FIRST_OPEN_MS = 1_683_460_800_000;

/** Hours 12, 13 and 14 of 2023-05-07, oldest first. */
export const KLINE_ROWS: readonly (readonly string[])[] = [
  [String(FIRST_OPEN_MS), '28959.94', '28970.63', '28940.26', '28945.63', '7.484936', '216697.24'],
  [String(FIRST_OPEN_MS + HOUR_MS), '28945.63', '28950', '28900.1', '28910', '12', '347000.5'],
  [String(FIRST_OPEN_MS + 2 * HOUR_MS), '28910', '28911', '28910', '28910.5', '0', '0'],
];

export const KLINE_WINDOW = { fromMs: FIRST_OPEN_MS, toMs: FIRST_OPEN_MS + 3 * HOUR_MS };

export function klines(rows: unknown = KLINE_ROWS.toReversed(), symbol = 'BTCUSDT'): string {
  return success({ category: 'spot', symbol, list: rows });
}

export function success(result: unknown, time: unknown = ENVELOPE_TIME_MS): string {
  return JSON.stringify({ retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time });
}

export function failure(retCode: number, retMsg: string, result: unknown = {}): string {
  return JSON.stringify({ retCode, retMsg, result, retExtInfo: {}, time: ENVELOPE_TIME_MS });
}

export const SERVER_TIME = success(
  { timeSecond: '1683473000', timeNano: '1683473000500423213' },
  ENVELOPE_TIME_MS,
);

export const BTC_INSTRUMENT = {
  symbolId: 9,
  symbol: 'BTCUSDT',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  innovation: '0',
  symbolType: '',
  status: 'Trading',
  marginTrading: 'both',
  stTag: '0',
  lotSizeFilter: {
    basePrecision: '0.000001',
    quotePrecision: '0.0000001',
    minOrderQty: '0.000011',
    maxOrderQty: '83',
    minOrderAmt: '5',
    maxOrderAmt: '8000000',
    maxLimitOrderQty: '83',
    maxMarketOrderQty: '41.5',
    postOnlyMaxLimitOrderSize: '60000',
  },
  priceFilter: { tickSize: '0.1' },
  riskParameters: { priceLimitRatioX: '0.005', priceLimitRatioY: '0.01' },
};

export const BTC_TICKER = {
  symbol: 'BTCUSDT',
  bid1Price: '20517.96',
  bid1Size: '2',
  ask1Price: '20527.77',
  ask1Size: '1.862172',
  lastPrice: '20533.13',
  prevPrice24h: '20393.48',
  price24hPcnt: '0.0068',
  highPrice24h: '21128.12',
  lowPrice24h: '20318.89',
  turnover24h: '243765620.65899866',
  volume24h: '11801.27771',
  usdIndexPrice: '20784.12009279',
};

export function listing(rows: unknown): string {
  return success({ category: 'spot', list: rows });
}

/** What the CDN shows to a region that it does not serve. */
export const CDN_403 =
  '<!DOCTYPE HTML>\n<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD>' +
  '<BODY><H1>403 ERROR</H1>The Amazon CloudFront distribution is configured to block access from ' +
  'your country.</BODY></HTML>';

export const HTML_PAGE = '<html><body>We will be back soon</body></html>';
