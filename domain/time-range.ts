/** A span of time [fromMs, toMs), ms since 1970 UTC, `fromMs < toMs`. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Ranges in order, disjoint and not touching: the one form in which sets of ranges are passed
 * around. `normalise` makes it from anything else.
 */
export type TimeRanges = readonly TimeRange[];

/** Sorts, drops empty ranges, joins those that overlap or touch. */
export function normalise(ranges: readonly TimeRange[]): TimeRanges {
  const sorted = ranges
    .filter((range) => range.fromMs < range.toMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  const joined: TimeRange[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && range.fromMs <= last.toMs) {
      joined[joined.length - 1] = {
        fromMs: last.fromMs,
        toMs: Math.max(last.toMs, range.toMs),
      };
    } else {
      joined.push(range);
    }
  }
  return joined;
}

export function union(a: TimeRanges, b: TimeRanges): TimeRanges {
  return normalise([...a, ...b]);
}

/** What lies in both. */
export function intersect(a: TimeRanges, b: TimeRanges): TimeRanges {
  const common: TimeRange[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return common;
    const fromMs = Math.max(left.fromMs, right.fromMs);
    const toMs = Math.min(left.toMs, right.toMs);
    if (fromMs < toMs) common.push({ fromMs, toMs });
    if (left.toMs < right.toMs) i++;
    else j++;
  }
}

/** What lies in `a` and not in `b`. */
export function subtract(a: TimeRanges, b: TimeRanges): TimeRanges {
  const rest: TimeRange[] = [];
  let j = 0;
  for (const range of a) {
    let fromMs = range.fromMs;
    while (j > 0 && (b[j - 1]?.toMs ?? 0) > fromMs) j--;
    for (; j < b.length; j++) {
      const hole = b[j];
      if (hole === undefined || hole.fromMs >= range.toMs) break;
      if (hole.toMs <= fromMs) continue;
      if (hole.fromMs > fromMs) rest.push({ fromMs, toMs: hole.fromMs });
      fromMs = Math.max(fromMs, hole.toMs);
    }
    if (fromMs < range.toMs) rest.push({ fromMs, toMs: range.toMs });
  }
  return rest;
}

/** Sum of the lengths, ms. */
export function totalMs(ranges: TimeRanges): number {
  return ranges.reduce((sum, range) => sum + range.toMs - range.fromMs, 0);
}

export function isEmpty(ranges: TimeRanges): boolean {
  return ranges.length === 0;
}
