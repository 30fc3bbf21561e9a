import { formatMinute, formatSeconds } from '../../../domain/format.js';

/** Until when the venue refuses this address, one sentence; undefined when it does not. */
export function banText(untilMs: number | undefined, nowMs: number): string | undefined {
  if (untilMs === undefined || untilMs <= nowMs) return undefined;
  const left = formatSeconds((untilMs - nowMs) / 1000);
  return `The venue refuses this address: nothing is asked before ${formatMinute(untilMs)}, for ${left}.`;
}
