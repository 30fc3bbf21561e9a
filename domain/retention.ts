import type { Series } from './series.js';
import { normalise, type TimeRange, type TimeRanges } from './time-range.js';
import { openTimeAtOrAfterMs, openTimeMs, TIMEFRAMES, timeframeMs } from './timeframe.js';
import type { Timeframe } from './timeframe.js';

/** Candles that open before `horizonMs`, a midnight of UTC, are removed. */
export interface Horizon {
  readonly timeframe: Timeframe;
  readonly horizonMs: number;
}

/** How long candles are kept, and what that means at the moment. */
export interface RetentionRule extends Horizon {
  readonly keepMs: number;
}

/** Days that are judged and removed in one transaction: a chunk of a hypertable is as long. */
const DAYS_AT_ONCE = 7;

const DAY_MS = timeframeMs('1d');

/**
 * The rules at the venue's time, shortest timeframe first: a short candle goes before the longer ones
 * that vouch for it.
 *
 * @param keepMs ages by timeframe, from `RETENTION`
 * @param venueTimeMs the venue's clock, ms
 */
export function rulesAt(
  keepMs: ReadonlyMap<Timeframe, number>,
  venueTimeMs: number,
): RetentionRule[] {
  return TIMEFRAMES.flatMap((timeframe) => {
    const ageMs = keepMs.get(timeframe);
    if (ageMs === undefined) return [];
    return [{ timeframe, keepMs: ageMs, horizonMs: openTimeMs('1d', venueTimeMs - ageMs) }];
  });
}

/** A longer timeframe that must hold what is removed, from `fromMs` on. */
export interface Witness {
  readonly timeframe: Timeframe;
  /** Its own horizon, ms; -Infinity: all of it is kept. */
  readonly fromMs: number;
}

/** The timeframes that outlive `horizon`: their candles are longer and are kept longer. */
export function witnessesOf(horizon: Horizon, all: readonly Horizon[]): Witness[] {
  return TIMEFRAMES.filter((other) => timeframeMs(other) > timeframeMs(horizon.timeframe))
    .map((timeframe) => ({
      timeframe,
      fromMs: all.find((one) => one.timeframe === timeframe)?.horizonMs ?? -Infinity,
    }))
    .filter(({ fromMs }) => fromMs < horizon.horizonMs);
}

/**
 * The days to look at, in windows of a few days: those of which something is covered, and that of the
 * candle that follows, whose row may lie there uncovered.
 *
 * @param covered what is covered before the horizon
 */
export function dayWindows(covered: TimeRanges, { timeframe, horizonMs }: Horizon): TimeRange[] {
  const days = normalise(
    covered.map(({ fromMs, toMs }) => ({
      fromMs: openTimeMs('1d', fromMs),
      toMs: Math.min(horizonMs, openTimeAtOrAfterMs('1d', toMs + timeframeMs(timeframe))),
    })),
  );
  const windows: TimeRange[] = [];
  for (const { fromMs, toMs } of days) {
    for (let at = fromMs; at < toMs; at += DAYS_AT_ONCE * DAY_MS) {
      windows.push({ fromMs: at, toMs: Math.min(toMs, at + DAYS_AT_ONCE * DAY_MS) });
    }
  }
  return windows;
}

/**
 * Why a day is left: a longer candle over it is `missing`, or `differs` from the short ones.
 */
export interface HeldBy {
  readonly timeframe: Timeframe;
  readonly fault: 'missing' | 'differs';
}

/** A day of a series that has closed candles. */
export interface JudgedDay {
  readonly dayMs: number;
  readonly candles: number;
  /** Undefined: it may go. */
  readonly heldBy: HeldBy | undefined;
}

/** Days that are left for one reason. */
export interface HeldDays extends HeldBy {
  readonly days: number;
  readonly candles: number;
  /** One of them. */
  readonly example: { readonly symbol: string; readonly dayMs: number };
}

/** What a run has removed of one timeframe, or would remove. */
export interface RetentionTally extends Horizon {
  readonly symbols: number;
  /** Days of series. */
  readonly days: number;
  readonly candles: number;
  readonly held: readonly HeldDays[];
}

/** The tally of the days of one series. */
export function tallyOf(
  { timeframe, horizonMs }: Horizon,
  symbol: string,
  judged: readonly JudgedDay[],
): RetentionTally {
  const gone = judged.filter(({ heldBy }) => heldBy === undefined);
  const held = judged.flatMap(({ dayMs, candles, heldBy }): HeldDays[] =>
    heldBy === undefined ? [] : [{ ...heldBy, days: 1, candles, example: { symbol, dayMs } }],
  );
  return {
    ...{ timeframe, horizonMs },
    symbols: gone.length > 0 ? 1 : 0,
    days: gone.length,
    candles: gone.reduce((sum, { candles }) => sum + candles, 0),
    held: addUp(held),
  };
}

/** Both together, one entry a timeframe. */
export function mergeTallies(
  a: readonly RetentionTally[],
  b: readonly RetentionTally[],
): RetentionTally[] {
  const merged = new Map<Timeframe, RetentionTally>();
  for (const tally of [...a, ...b]) {
    const sofar = merged.get(tally.timeframe);
    merged.set(
      tally.timeframe,
      sofar === undefined
        ? tally
        : {
            ...tally,
            symbols: sofar.symbols + tally.symbols,
            days: sofar.days + tally.days,
            candles: sofar.candles + tally.candles,
            held: addUp([...sofar.held, ...tally.held]),
          },
    );
  }
  return [...merged.values()];
}

function addUp(held: readonly HeldDays[]): HeldDays[] {
  const sums = new Map<string, HeldDays>();
  for (const one of held) {
    const key = `${one.timeframe} ${one.fault}`;
    const sofar = sums.get(key);
    sums.set(
      key,
      sofar === undefined
        ? one
        : { ...sofar, days: sofar.days + one.days, candles: sofar.candles + one.candles },
    );
  }
  return [...sums.values()];
}

/** What is covered of a series before the horizon. */
export interface OldSeries extends Series {
  readonly covered: TimeRanges;
}

/** A few days of a series that are old enough to go. */
export interface OldDays {
  readonly series: Series;
  /** Whole days. */
  readonly window: TimeRange;
  readonly horizonMs: number;
  readonly witnesses: readonly Witness[];
}

/** What retention reads and removes. Every method is one transaction. */
export interface RetentionStore {
  /** From now on nothing before these horizons is stored or asked for; all others are lifted. */
  setRules(rules: readonly RetentionRule[]): Promise<void>;
  /** Series with something before the horizon, by symbol, those after `afterSymbol`. */
  oldSeries(horizon: Horizon, afterSymbol: string, limit: number): Promise<readonly OldSeries[]>;
  /** @returns the days of the window that have closed candles, oldest first */
  judge(days: OldDays): Promise<readonly JudgedDay[]>;
  /**
   * Removes the days that nothing holds: rows, coverage, the record of the requests; and closes the
   * gaps of all days of the window.
   *
   * @returns what `judge` does
   * @throws RetryNow when a page that was in flight stored candles of these days meanwhile
   */
  remove(days: OldDays): Promise<readonly JudgedDay[]>;
}

export interface RetentionRequest {
  /** Judge and report, remove nothing. */
  readonly dryRun: boolean;
}

/** Answer of the query `progress`. Counts may lack what a killed worker removed last. */
export interface RetentionProgress {
  readonly phase: 'planning' | 'running' | 'finished';
  readonly dryRun: boolean;
  /** Label of the venue; empty while planning. */
  readonly source: string;
  /** One a timeframe that has a rule. */
  readonly tallies: readonly RetentionTally[];
}

export interface RetentionResult {
  readonly dryRun: boolean;
  readonly source: string;
  readonly seconds: number;
  readonly tallies: readonly RetentionTally[];
}
