import { WrongUse } from '../domain/failure.js';
import { parseTimeMs } from '../domain/parse-time.js';

/** @throws WrongUse when `text` is no moment since 1970 */
export function requireTimeMs(option: string, text: string): number {
  const timeMs = parseTimeMs(text);
  if (timeMs !== undefined && timeMs >= 0) return timeMs;
  throw new WrongUse(
    `${option} ${JSON.stringify(text)} is no date or time: use 2026-01-31 or 2026-01-31T08:00Z (UTC)`,
  );
}
