import type { Series } from '../../domain/series.js';
import { openTimeMs, TIMEFRAMES } from '../../domain/timeframe.js';
import type { NeededCandles } from '../../storage/series-tally.js';

interface Followed {
  readonly series: Series;
  /** From this open time on every candle is to be there; undefined: not yet known. */
  fromMs: number | undefined;
}

/** Every series of these symbols. */
export function seriesOf(symbols: readonly string[]): readonly Series[] {
  return symbols.flatMap((symbol) => TIMEFRAMES.map((timeframe) => ({ symbol, timeframe })));
}

/**
 * Which candles a stream owes since a soak began. Time is the venue's, told by the candles themselves:
 * the newest that has closed in any series is due in all of them.
 *
 * A series that had candles owes all that followed the last of them, since what closed unseen is handed
 * over to repair. One that had none owes what closes once the stream is known to be live.
 */
export class FollowedSeries {
  readonly #followed = new Map<string, Followed>();
  #firstMs: number | undefined;
  #newestMs: number | undefined;
  #begun = false;

  /** End of the newest closed candle, ms by the venue's clock; undefined: none was seen yet. */
  get newestMs(): number | undefined {
    return this.#newestMs;
  }

  /**
   * @param ends where the settled candles of each series end, ms; undefined: it has none
   * @param live whether data flows on every connection
   */
  take(ends: readonly (Series & { readonly endMs: number | undefined })[], live: boolean): void {
    const known = ends.flatMap(({ endMs }) => endMs ?? []);
    const newestMs = known.length === 0 ? undefined : Math.max(...known);
    if (!this.#begun) this.#firstMs = newestMs;
    this.#begun = true;
    if (newestMs !== undefined) this.#newestMs = Math.max(newestMs, this.#newestMs ?? newestMs);
    this.#forgetOthers(ends);
    for (const { symbol, timeframe, endMs } of ends) {
      const key = `${symbol} ${timeframe}`;
      const followed = this.#followed.get(key) ?? this.#follow(key, { symbol, timeframe }, endMs);
      if (live) followed.fromMs ??= this.#fromNowOn(followed.series);
    }
  }

  /** What is due by now. */
  needed(): readonly NeededCandles[] {
    const newestMs = this.#newestMs;
    if (newestMs === undefined) return [];
    return [...this.#followed.values()].flatMap(({ series, fromMs }) => {
      const toMs = openTimeMs(series.timeframe, newestMs);
      return fromMs === undefined || fromMs >= toMs ? [] : [{ ...series, fromMs, toMs }];
    });
  }

  #follow(key: string, series: Series, endMs: number | undefined): Followed {
    const followed = { series, fromMs: endMs };
    this.#followed.set(key, followed);
    return followed;
  }

  /** The candle that is open at the newest close, once one was seen that closed during the soak. */
  #fromNowOn({ timeframe }: Series): number | undefined {
    if (this.#newestMs === undefined || this.#newestMs === this.#firstMs) return undefined;
    return openTimeMs(timeframe, this.#newestMs);
  }

  #forgetOthers(series: readonly Series[]): void {
    const keys = new Set(series.map(({ symbol, timeframe }) => `${symbol} ${timeframe}`));
    for (const key of this.#followed.keys()) if (!keys.has(key)) this.#followed.delete(key);
  }
}
