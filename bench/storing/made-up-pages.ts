import { emptyCandles, type Candles } from '../../domain/candles.js';
import { PAGE_CANDLES } from '../../domain/page.js';
import type { Series } from '../../domain/series.js';
import type { StorePage } from '../../domain/stores.js';
import { timeframeMs } from '../../domain/timeframe.js';

const SYMBOLS = 20;
const PAGES_A_SYMBOL = 6;
const TIMEFRAME = '5m';
const FIRST_MS = Date.UTC(2025, 0, 1);

/** Full pages of 20 series, each series by rising time, as a backfill stores them. */
export function madeUpPages(): StorePage[] {
  return Array.from({ length: SYMBOLS * PAGES_A_SYMBOL }, (_, i) => {
    const series: Series = {
      symbol: `BENCH${Math.floor(i / PAGES_A_SYMBOL)}USDT`,
      timeframe: TIMEFRAME,
    };
    return pageOf(series, candles(FIRST_MS + (i % PAGES_A_SYMBOL) * spanMs(), i));
  });
}

/** The same pages with another volume in one row of `every`. */
export function changedPages(pages: readonly StorePage[], every: number): StorePage[] {
  return pages.map(({ series, page: { closed } }) => {
    const volume = closed.volume.map((value, i) => (i % every === 0 ? value + every : value));
    return pageOf(series, { ...closed, volume });
  });
}

function spanMs(): number {
  return PAGE_CANDLES * timeframeMs(TIMEFRAME);
}

function pageOf(series: Series, closed: Candles): StorePage {
  const fromMs = closed.openTimeMs[0] ?? 0;
  const window = { fromMs, toMs: fromMs + spanMs() };
  return {
    series,
    page: { window, closed, open: emptyCandles(0), settled: [window], holes: [], skipped: 0 },
    origin: { source: 'rest', workflowId: 'bench', runId: 'bench' },
    startsOnFirstDay: false,
  };
}

/** A price that wanders, with the digits of a real one. */
function candles(fromMs: number, seed: number): Candles {
  const columns = emptyCandles(PAGE_CANDLES);
  const random = randomNumbers(seed);
  let price = 100 + seed;
  for (let i = 0; i < PAGE_CANDLES; i++) {
    const open = price;
    const close = rounded(open * (1 + (random() - 0.5) / 100), 2);
    columns.openTimeMs[i] = fromMs + i * timeframeMs(TIMEFRAME);
    columns.open[i] = open;
    columns.high[i] = rounded(Math.max(open, close) * 1.001, 2);
    columns.low[i] = rounded(Math.min(open, close) * 0.999, 2);
    columns.close[i] = close;
    columns.volume[i] = rounded(random() * 1_000, 6);
    columns.turnover[i] = rounded((columns.volume[i] ?? 0) * close, 8);
    price = close;
  }
  return columns;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Numbers from 0 to 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
