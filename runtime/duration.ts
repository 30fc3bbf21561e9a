const UNIT_MS = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
} as const;

/** What a duration may look like, for error messages. */
export const DURATION_FORM = 'a duration such as 30s, 10m, 6h or 1d';

/** Milliseconds of `10m`, `1d` and the like; undefined when `text` is no positive duration. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d{1,9})(s|m|h|d)$/.exec(text.trim());
  const [, count, unit] = match ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const durationMs = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return durationMs > 0 ? durationMs : undefined;
}
