import { GAP_KINDS, type GapKind } from '../../domain/gap.js';
import { WrongUse } from '../../domain/failure.js';
import type { TimeRange } from '../../domain/time-range.js';
import type { Timeframe } from '../../domain/timeframe.js';
import { parseTimeframes } from '../backfill-request.js';
import { parseNamedPairs, splitList } from '../parse-pairs.js';
import { requireTimeMs } from '../parse-time.js';

/** The options that choose gaps, as they were typed. */
export interface GapOptions extends SeriesOptions {
  readonly kinds: readonly string[];
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** The options that choose series, as they were typed. */
export interface SeriesOptions {
  readonly symbols: readonly string[];
  readonly timeframes: readonly string[];
}

/** Which gaps are meant; what is absent means all. */
export interface GapChoice extends SeriesChoice {
  readonly kinds: readonly GapKind[] | undefined;
  readonly range: TimeRange | undefined;
}

export interface SeriesChoice {
  readonly symbols: readonly string[] | undefined;
  readonly timeframes: readonly Timeframe[] | undefined;
}

/** No candle of any market lies beyond, ms. */
const END_OF_TIME_MS = Date.UTC(9999, 0, 1);

/** @throws WrongUse */
export function parseGapChoice(options: GapOptions): GapChoice {
  const { from, to } = options;
  return {
    ...parseSeriesChoice(options),
    kinds: parseKinds(options.kinds),
    range:
      from === undefined && to === undefined
        ? undefined
        : parseRange({ from: from ?? '1970-01-01', to }, END_OF_TIME_MS),
  };
}

/** @throws WrongUse */
export function parseSeriesChoice({ symbols, timeframes }: SeriesOptions): SeriesChoice {
  const pairs = parseNamedPairs({ symbols, top: undefined });
  return {
    symbols: pairs?.kind === 'symbols' ? pairs.symbols : undefined,
    timeframes: timeframes.length === 0 ? undefined : parseTimeframes(timeframes),
  };
}

/** @param endMs where the range ends that has no `to` @throws WrongUse */
export function parseRange(
  { from, to }: { readonly from: string; readonly to: string | undefined },
  endMs: number,
): TimeRange {
  const fromMs = requireTimeMs('--from', from);
  const toMs = to === undefined ? endMs : requireTimeMs('--to', to);
  if (fromMs < toMs) return { fromMs, toMs };
  throw new WrongUse(`--from ${from} must lie before --to ${to ?? '(now)'}`);
}

function parseKinds(texts: readonly string[]): readonly GapKind[] | undefined {
  const names = splitList(texts);
  if (texts.length === 0) return undefined;
  const kinds = GAP_KINDS.filter((kind) => names.includes(kind));
  const wrong = names.find((name) => !(GAP_KINDS as readonly string[]).includes(name));
  if (wrong === undefined && kinds.length > 0) return kinds;
  throw new WrongUse(
    `--kind ${JSON.stringify(wrong ?? '')} is unknown: use ${GAP_KINDS.join(', ')}`,
  );
}
