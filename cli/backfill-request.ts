import {
  DEFAULT_DAYS,
  FAR_FUTURE_MS,
  MOST_DAYS,
  type BackfillRequest,
} from '../domain/backfill.js';
import { WrongUse } from '../domain/failure.js';
import { TIMEFRAMES, isTimeframe, type Timeframe } from '../domain/timeframe.js';
import { requireWholeNumber } from './parse-number.js';
import { parsePairs, splitList, type PairOptions } from './parse-pairs.js';
import { requireTimeMs } from './parse-time.js';

/** The options of `m1 backfill` as they were typed. */
export interface BackfillOptions extends PairOptions {
  readonly timeframes: readonly string[];
  readonly days: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly onlyFailed: boolean;
  readonly dryRun: boolean;
}

/** @throws WrongUse for options that are wrong or contradict each other */
export function parseBackfillRequest(options: BackfillOptions, nowMs: number): BackfillRequest {
  return {
    pairs: parsePairs(options),
    timeframes: parseTimeframes(options.timeframes),
    span: parseSpan(options, nowMs),
    onlyFailed: options.onlyFailed,
    dryRun: options.dryRun,
  };
}

/** @throws WrongUse for a timeframe that M1 does not collect */
export function parseTimeframes(texts: readonly string[]): readonly Timeframe[] {
  const names = splitList(texts);
  const wrong = names.find((name) => !isTimeframe(name));
  if (wrong !== undefined || (texts.length > 0 && names.length === 0)) {
    throw new WrongUse(
      `--timeframe ${JSON.stringify(wrong ?? '')} is unknown: use ${TIMEFRAMES.join(', ')}`,
    );
  }
  if (names.length === 0) return TIMEFRAMES;
  return TIMEFRAMES.filter((timeframe) => names.includes(timeframe));
}

function parseSpan(options: BackfillOptions, nowMs: number): BackfillRequest['span'] {
  const { days, from, to } = options;
  if (days !== undefined && (from !== undefined || to !== undefined)) {
    throw new WrongUse('--days excludes --from and --to: give a number of days, or a range');
  }
  if (from === undefined) {
    if (to !== undefined) throw new WrongUse('--to needs --from');
    if (options.onlyFailed && days === undefined) return { kind: 'failed' };
    const count =
      days === undefined
        ? DEFAULT_DAYS
        : requireWholeNumber('--days', days, { min: 1, max: MOST_DAYS });
    return { kind: 'days', days: count };
  }
  const fromMs = requireTimeMs('--from', from);
  if (fromMs > nowMs + FAR_FUTURE_MS) throw new WrongUse(`--from ${from} lies in the future`);
  if (to === undefined) return { kind: 'range', fromMs };
  const toMs = requireTimeMs('--to', to);
  if (fromMs >= toMs) throw new WrongUse(`--from ${from} must lie before --to ${to}`);
  return { kind: 'range', fromMs, toMs };
}
