import { emptyCandles, type Candles } from '../../domain/candles.js';
import { PAGE_CANDLES, pageWindows } from '../../domain/page.js';
import { settlePage } from '../../domain/settle.js';
import type { CandleStore } from '../../domain/stores.js';
import { TIMEFRAMES, timeframeMs, type Timeframe } from '../../domain/timeframe.js';
import { randomFrom } from '../../domain/stretches.js';
import { DAY_MS, ORIGIN } from './pages.js';

const FIVE_MS = timeframeMs('5m');

/** Row of a candle: open time, open, high, low, close, volume, turnover. */
type Row = readonly [number, number, number, number, number, number, number];

/** Made-up candles of every timeframe that fit each other, from DAY_MS on. */
export class RolledMarket {
  readonly toMs: number;
  readonly #five: Row[];

  constructor(days: number, seed = 1) {
    this.toMs = DAY_MS + days * timeframeMs('1d');
    const random = randomFrom(seed);
    const price = (): number => Math.round(10_000 + random() * 1_000) / 100;
    this.#five = Array.from({ length: (this.toMs - DAY_MS) / FIVE_MS }, (_, i): Row => {
      const [open, close] = [price(), price()];
      const [high, low] = [Math.max(open, close) + 0.5, Math.min(open, close) - 0.25];
      const volume = Math.round(random() * 1e8) / 1e6;
      return [DAY_MS + i * FIVE_MS, open, high, low, close, volume, volume * 101.07];
    });
  }

  candles(timeframe: Timeframe, fromMs: number, toMs: number): Candles {
    const rows = this.#rows(timeframe).filter(([timeMs]) => timeMs >= fromMs && timeMs < toMs);
    const candles = emptyCandles(rows.length);
    rows.forEach((row, i) => {
      candles.openTimeMs[i] = row[0];
      candles.open[i] = row[1];
      candles.high[i] = row[2];
      candles.low[i] = row[3];
      candles.close[i] = row[4];
      candles.volume[i] = row[5];
      candles.turnover[i] = row[6];
    });
    return candles;
  }

  #rows(timeframe: Timeframe): readonly Row[] {
    const parts = timeframeMs(timeframe) / FIVE_MS;
    return this.#five
      .map((_, i) => this.#five.slice(i, i + parts))
      .filter((_, i) => i % parts === 0)
      .map((group): Row => {
        const first = group[0] as Row;
        const last = group.at(-1) as Row;
        const sum = (column: 5 | 6): number => group.reduce((total, row) => total + row[column], 0);
        return [
          first[0],
          first[1],
          Math.max(...group.map((row) => row[2])),
          Math.min(...group.map((row) => row[3])),
          last[4],
          sum(5),
          sum(6),
        ];
      });
  }
}

/** Stores all of the market as a backfill does; the candle at its end is open. */
export async function storeMarket(
  store: CandleStore,
  market: RolledMarket,
  symbol: string,
  timeframes: readonly Timeframe[] = TIMEFRAMES,
): Promise<void> {
  for (const timeframe of timeframes) {
    const all = [{ fromMs: DAY_MS, toMs: market.toMs }];
    for (const window of pageWindows(all, timeframe, PAGE_CANDLES)) {
      const candles = market.candles(timeframe, window.fromMs, window.toMs);
      const answer = { window, venueTimeMs: market.toMs - 60_000, candles, skippedMs: [] };
      const page = settlePage(answer, timeframe);
      const startsOnFirstDay = window.fromMs === DAY_MS;
      await store.storePage({
        series: { symbol, timeframe },
        page,
        origin: ORIGIN,
        startsOnFirstDay,
      });
    }
  }
}
