import type { SetStatus } from '../../storage/set-status.js';
import { formatSeconds, isoSeconds, plural } from '../render/format.js';

/** How the pairs that are kept up to date, or were until a stop, are doing, in one line. */
export function setText(set: SetStatus, nowMs: number): string {
  const { symbols, series, completeness, gaps, syncedAtMs } = set;
  return [
    `set of the last sync: ${plural(symbols, 'pair')}, ${plural(series, 'series')}`,
    completeness === undefined ? 'nothing asked yet' : `${percent(completeness)} complete`,
    plural(gaps, 'open gap'),
    repairText(set),
    `last sync ${formatSeconds((nowMs - syncedAtMs) / 1000)} ago`,
  ].join(', ');
}

/** From a gap found to its candles stored. */
export function repairText({ repair }: SetStatus): string {
  if (repair === undefined) return 'nothing to repair in the last day';
  const { gaps, medianMs, slowestMs } = repair;
  return (
    `${plural(gaps, 'gap')} repaired in the last day (median ${formatSeconds(medianMs / 1000)}, ` +
    `slowest ${formatSeconds(slowestMs / 1000)})`
  );
}

/** Rounded down, so that 100 % means that nothing is missing. */
export function percent(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

/** For `--json`. */
export function setDocument(set: SetStatus): Record<string, unknown> {
  const { symbols, series, completeness, gaps, syncedAtMs, repair } = set;
  return {
    ...{ symbols, series },
    completeness: completeness ?? null,
    gaps,
    synced: isoSeconds(syncedAtMs),
    repair:
      repair === undefined
        ? null
        : {
            gaps: repair.gaps,
            median_seconds: repair.medianMs / 1000,
            slowest_seconds: repair.slowestMs / 1000,
          },
  };
}
