export interface Point {
  readonly x: number;
  readonly y: number;
}

/** More than these would take too many pairs; evenly chosen ones tell the same. */
const MAX_POINTS = 400;

/**
 * The median of the slopes of all pairs of points (Theil and Sen): up to a quarter of them may be
 * anything, as memory is just before and after a collection. NaN for fewer than two.
 */
export function robustSlope(points: readonly Point[]): number {
  const chosen = thinned(points);
  const slopes: number[] = [];
  chosen.forEach((a, i) => {
    for (const b of chosen.slice(i + 1)) if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
  });
  return quantile(slopes, 0.5);
}

/** The value below which this share of the values lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= MAX_POINTS) return points;
  const step = points.length / MAX_POINTS;
  return Array.from({ length: MAX_POINTS }, (_, i) => points[Math.floor(i * step)]).filter(
    (point) => point !== undefined,
  );
}
