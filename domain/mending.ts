import type { Series } from './series.js';
import { normalise, type TimeRange, type TimeRanges } from './time-range.js';
import { openTimeMs, TIMEFRAMES, timeframeMs, type Timeframe } from './timeframe.js';
import type { Violation } from './verify.js';

/** What is to be done about one series. */
export interface Mending extends Series {
  /** Candles whose rows are not to be trusted: deleted, and asked of the exchange again. */
  readonly again: TimeRanges;
  /** Rows that cannot be candles yet: deleted. */
  readonly removed: TimeRanges;
}

/**
 * What mends violations; the record of each series named is made anew besides.
 *
 * @param verified timeframes that were looked at
 */
export function mendings(
  violations: readonly Violation[],
  verified: readonly Timeframe[],
): Mending[] {
  const plan = new Plan();
  const areVouchedFor = vouching(violations, verified);
  for (const violation of violations) {
    const { check, symbol, timeframe, period } = violation;
    const series = { symbol, timeframe };
    switch (check) {
      case 'prices':
      case 'volume':
      case 'venue':
      case 'gap_over_row':
      case 'gap_over_trades':
        plan.again(series, period);
        break;
      case 'uncovered_row':
        plan.again(series, lastCandle(violation));
        break;
      case 'roll_up':
        plan.again(series, period);
        if (!areVouchedFor(violation)) {
          plan.again({ symbol, timeframe: '5m' }, period);
        }
        break;
      case 'future_row':
        plan.removed(series, period);
        break;
      // whoever mends a series deletes what is off the grid; its span holds candles that are right
      case 'off_grid':
      case 'missing_row':
      case 'gap_not_covered':
      case 'gap_overlap':
      case 'candle_count':
      case 'first_candle':
        plan.touch(series);
        break;
    }
  }
  return plan.all();
}

/**
 * The newest of a run of rows may have been written while its candle was open; what the next one
 * follows had closed by then.
 */
function lastCandle({ period: { toMs }, timeframe }: Violation): TimeRange {
  return { fromMs: toMs - timeframeMs(timeframe), toMs };
}

/**
 * Whether the 5-minute candles of a wrong sum are right, because candles of another length agree with
 * them. Else either may be wrong.
 */
type Vouching = (wrongSum: Violation) => boolean;

function vouching(violations: readonly Violation[], verified: readonly Timeframe[]): Vouching {
  const witnessesOf = (timeframe: Timeframe): Timeframe[] =>
    verified.filter((one) => one !== '5m' && timeframeMs(one) < timeframeMs(timeframe));
  const keyOf = (symbol: string, witness: Timeframe, longer: Timeframe, timeMs: number): string =>
    `${symbol} ${witness} ${longer} ${openTimeMs(longer, timeMs)}`;
  const contradicted = new Set(
    violations
      .filter(({ check }) => check === 'roll_up')
      .flatMap(({ symbol, timeframe, period }) =>
        TIMEFRAMES.map((longer) => keyOf(symbol, timeframe, longer, period.fromMs)),
      ),
  );
  return ({ symbol, timeframe, period }) =>
    witnessesOf(timeframe).some(
      (witness) => !contradicted.has(keyOf(symbol, witness, timeframe, period.fromMs)),
    );
}

class Plan {
  readonly #series = new Map<string, Series & { again: TimeRange[]; removed: TimeRange[] }>();

  again(series: Series, period: TimeRange): void {
    this.#of(series).again.push(period);
  }

  removed(series: Series, period: TimeRange): void {
    this.#of(series).removed.push(period);
  }

  touch(series: Series): void {
    this.#of(series);
  }

  all(): Mending[] {
    return [...this.#series.values()].map(({ again, removed, ...series }) => ({
      ...series,
      again: normalise(again),
      removed: normalise(removed),
    }));
  }

  #of({ symbol, timeframe }: Series) {
    const key = `${symbol} ${timeframe}`;
    const known = this.#series.get(key) ?? { symbol, timeframe, again: [], removed: [] };
    this.#series.set(key, known);
    return known;
  }
}
