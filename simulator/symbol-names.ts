/** Coins with their rough price in USDT, by turnover. */
export const COINS: readonly (readonly [string, number])[] = [
  ['BTC', 60000],
  ['ETH', 3000],
  ['SOL', 150],
  ['XRP', 0.6],
  ['DOGE', 0.12],
  ['USDC', 1],
  ['TON', 6],
  ['ADA', 0.45],
  ['MNT', 0.8],
  ['PEPE', 0.00001],
  ['SUI', 1.2],
  ['LTC', 80],
  ['LINK', 14],
  ['AVAX', 28],
  ['SHIB', 0.00002],
  ['DOT', 6],
  ['TRX', 0.13],
  ['NEAR', 5],
  ['APT', 8],
  ['ARB', 0.9],
  ['OP', 1.8],
  ['WIF', 2],
  ['BNB', 550],
  ['BCH', 400],
  ['UNI', 8],
  ['FIL', 4],
  ['ATOM', 7],
  ['ICP', 9],
  ['ETC', 22],
  ['INJ', 22],
  ['STX', 1.7],
  ['SEI', 0.4],
  ['TIA', 6],
  ['RENDER', 6],
  ['FET', 1.4],
  ['AAVE', 110],
  ['BONK', 0.00002],
  ['FLOKI', 0.00015],
  ['JUP', 0.9],
  ['ORDI', 35],
  ['LDO', 1.6],
  ['WLD', 2.2],
  ['XLM', 0.1],
  ['HBAR', 0.07],
  ['ALGO', 0.15],
  ['VET', 0.025],
  ['GRT', 0.2],
  ['MKR', 2500],
  ['1INCH', 0.35],
  ['SAND', 0.3],
  ['MANA', 0.3],
  ['AXS', 6],
  ['GALA', 0.025],
  ['CRV', 0.35],
  ['COMP', 50],
  ['SNX', 1.8],
  ['DYDX', 1.3],
  ['IMX', 1.5],
  ['EGLD', 30],
  ['XTZ', 0.8],
  ['EOS', 0.6],
  ['FLOW', 0.7],
  ['APE', 1],
  ['CHZ', 0.07],
  ['MINA', 0.6],
  ['KAVA', 0.4],
  ['T', 0.025],
  ['W', 0.3],
  ['B3', 0.005],
  ['L3', 0.06],
  ['PORT3', 0.05],
  ['3P', 0.01],
  ['BTC3S', 0.5],
  ['ETH3L', 2],
  ['LADYS', 0.0000001],
  ['NEIROCTO', 0.0005],
  ['DOP1', 0.01],
  ['STRK', 0.5],
  ['PYTH', 0.35],
  ['JTO', 2.5],
  ['MEME', 0.015],
  ['BLUR', 0.2],
  ['ENS', 20],
  ['GMX', 30],
  ['RUNE', 5],
  ['CAKE', 2.2],
  ['ZEN', 9],
  ['KSM', 25],
  ['QTUM', 2.7],
  ['XEM', 0.02],
];

/** Pairs against other quotes, by turnover within their kind. */
export const CROSS_PAIRS: readonly (readonly [string, string])[] = [
  ['BTC', 'USDC'],
  ['ETH', 'BTC'],
  ['ETH', 'USDC'],
  ['BTC', 'EUR'],
  ['SOL', 'USDC'],
  ['SOL', 'BTC'],
  ['ETH', 'EUR'],
  ['XRP', 'USDC'],
  ['XRP', 'BTC'],
  ['LTC', 'BTC'],
  ['SOL', 'EUR'],
  ['DOGE', 'USDC'],
  ['XRP', 'EUR'],
  ['XLM', 'BTC'],
  ['BTC', 'DAI'],
  ['ADA', 'USDC'],
  ['LINK', 'BTC'],
  ['AVAX', 'USDC'],
  ['DOT', 'BTC'],
  ['LTC', 'USDC'],
];

/** Price in USDT of one unit of a quote coin; these quotes are what a name is split by. */
export const QUOTES: Readonly<Record<string, number>> = {
  USDT: 1,
  USDC: 1,
  BTC: 60000,
  EUR: 1.08,
  DAI: 1,
  ETH: 3000,
  BRL: 0.18,
  PLN: 0.25,
  TRY: 0.03,
  SOL: 150,
  MNT: 0.8,
  BRZ: 0.18,
  USDE: 1,
};

const STARTS = ['BA', 'CO', 'DRI', 'FLU', 'GRA', 'HEX', 'JO', 'KRY', 'LUM', 'MOO', 'NEX', 'ORB'];
const MIDDLES = ['', 'BI', 'DA', 'KO', 'LI', 'NO', 'RA', 'TU', 'VE', 'XI'];
const ENDS = ['FI', 'GO', 'LA', 'MON', 'NA', 'PAY', 'RIX', 'SWAP', 'TA', 'VERSE', 'X', 'ZEN'];

/** The `n`-th invented coin name; 1440 different ones, then with a number behind. */
export function inventedCoin(n: number): string {
  const count = STARTS.length * MIDDLES.length * ENDS.length;
  // 607 and the count have no common factor: neighbours get names that look different
  const place = (n * 607) % count;
  const start = STARTS[place % STARTS.length] ?? '';
  const middle = MIDDLES[Math.floor(place / STARTS.length) % MIDDLES.length] ?? '';
  const end = ENDS[Math.floor(place / (STARTS.length * MIDDLES.length))] ?? '';
  const round = Math.floor(n / count);
  return `${start}${middle}${end}${round === 0 ? '' : String(round)}`;
}

/** Splits a symbol into base and quote by the quotes the venue knows; undefined when none fits. */
export function splitSymbol(symbol: string): { base: string; quote: string } | undefined {
  const quotes = Object.keys(QUOTES).sort((a, b) => b.length - a.length);
  const quote = quotes.find((each) => symbol.length > each.length && symbol.endsWith(each));
  return quote === undefined ? undefined : { base: symbol.slice(0, -quote.length), quote };
}
