import { SIMULATED_SOURCE } from '../../domain/source.js';
import type { SetStatus } from '../../storage/set-status.js';
import type { SeriesStatus } from '../../storage/status.js';
import { formatCount, formatMinute, isoSeconds, plural } from '../render/format.js';
import { renderTable } from '../render/table.js';
import { percent, setDocument, setText } from './set-text.js';

/** What `m1 status` shows. */
export interface StatusReport {
  readonly nowMs: number;
  /** Label of the venue that filled the database; undefined for an empty one. */
  readonly source: string | undefined;
  readonly series: readonly SeriesStatus[];
  /** The pairs that are kept up to date; absent when none are. */
  readonly set?: SetStatus | undefined;
}

const BANNER = 'SIMULATED: these candles were made up by the local simulator';

const COLUMNS = [
  { title: 'SYMBOL' },
  { title: 'TIMEFRAME' },
  { title: 'CANDLES', align: 'right' },
  { title: 'FIRST (UTC)' },
  { title: 'LAST (UTC)' },
  { title: 'GAPS', align: 'right' },
  { title: 'COMPLETE', align: 'right' },
] as const;

/** A line for each series, and the sum. */
export function statusLines({ nowMs, source, series, set }: StatusReport): string[] {
  const banner = source === SIMULATED_SOURCE ? [BANNER] : [];
  if (series.length === 0) return [...banner, 'nothing is stored yet: m1 backfill loads candles'];
  const candles = series.reduce((sum, line) => sum + line.candles, 0);
  return [
    ...banner,
    ...renderTable(COLUMNS, series.map(cells)),
    `${plural(series.length, 'series')}, ${plural(candles, 'candle')}, source ${source ?? 'unknown'}`,
    ...(set === undefined ? [] : [setText(set, nowMs)]),
    ...unaskedLines(series),
  ];
}

/** Such time is no gap: nobody knows yet whether the venue has candles there. */
function unaskedLines(series: readonly SeriesStatus[]): string[] {
  const count = series.filter(({ unasked }) => unasked).length;
  if (count === 0) return [];
  const [have, their] = count === 1 ? ['has', 'its'] : ['have', 'their'];
  return [
    `${plural(count, 'series')} ${have} stretches between ${their} first and last candle that nobody asked ` +
      'for: m1 gaps check names them, m1 backfill loads them',
  ];
}

function cells(line: SeriesStatus): string[] {
  return [
    line.symbol,
    line.timeframe,
    formatCount(line.candles),
    line.firstMs === undefined ? '-' : formatMinute(line.firstMs),
    line.lastMs === undefined ? '-' : formatMinute(line.lastMs),
    formatCount(line.gaps),
    line.completeness === undefined ? '-' : percent(line.completeness),
  ];
}

/** The JSON that `m1 status --json` prints: a contract. */
export function statusDocument({
  nowMs,
  source,
  series,
  set,
}: StatusReport): Record<string, unknown> {
  return {
    now: isoSeconds(nowMs),
    source: source ?? null,
    series: series.map(({ symbol, timeframe, candles, firstMs, lastMs, gaps, completeness }) => ({
      symbol,
      timeframe,
      candles,
      first: firstMs === undefined ? null : isoSeconds(firstMs),
      last: lastMs === undefined ? null : isoSeconds(lastMs),
      gaps,
      completeness: completeness ?? null,
    })),
    ...(set === undefined ? {} : { set: setDocument(set) }),
  };
}
