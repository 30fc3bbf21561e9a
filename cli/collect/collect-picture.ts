import type { BackfillProgress } from '../../domain/backfill.js';
import type { StreamPairs } from '../../domain/stream.js';
import type { SetStatus } from '../../storage/set-status.js';
import { percent, repairText } from '../status/set-text.js';
import { formatCount, formatSeconds, plural } from '../render/format.js';
import { pairsText } from '../../steering/pairs-text.js';
import type { StreamStanding } from '../../steering/stream-standing.js';
import { streamWord } from '../../steering/stream-standing.js';
import type { SyncStatus } from '../sync/read-sync.js';

/** All that is known of what collects a set, at a moment. */
export interface CollectPicture {
  readonly pairs: StreamPairs;
  readonly backfill: BackfillProgress | undefined;
  /** Temporal's word for the backfill, in lower case. */
  readonly backfillStatus: string | undefined;
  readonly stream: StreamStanding;
  readonly sync: SyncStatus | undefined;
  readonly set: SetStatus | undefined;
  readonly nowMs: number;
}

/** A line for each part; without a terminal they are joined to one. */
export function collectParts(picture: CollectPicture): string[] {
  return [
    `${pairsText(picture.pairs)}: ${setPart(picture.set)}`,
    `backfill ${backfillPart(picture)}`,
    `stream ${streamPart(picture.stream)}`,
    `sync ${syncPart(picture)}`,
  ];
}

function setPart(set: SetStatus | undefined): string {
  if (set === undefined) return 'waiting for the first sync';
  const { completeness, gaps } = set;
  const complete =
    completeness === undefined ? 'nothing stored yet' : `${percent(completeness)} complete`;
  return `${complete}, ${plural(gaps, 'open gap')}, ${repairText(set)}`;
}

function backfillPart({ backfill, backfillStatus }: CollectPicture): string {
  if (backfillStatus !== 'running') return backfillStatus ?? 'not started';
  if (backfill === undefined) return 'not answering';
  const { phase, symbols, candles, failed } = backfill;
  const lost = failed.length === 0 ? '' : `, ${formatCount(failed.length)} series failed`;
  return `${phase}, ${symbols.done} of ${symbols.total} symbols, ${plural(candles, 'candle')}${lost}`;
}

function streamPart(standing: StreamStanding): string {
  const figures = standing.activity?.figures;
  if (figures === undefined) return streamWord(standing);
  const { symbols, candlesStored, reconnects, lagMs } = figures;
  const lag = lagMs === undefined ? '' : `, lag ${lagMs.p50} ms`;
  return (
    `${streamWord(standing)}, ${plural(symbols, 'symbol')}, ${plural(candlesStored, 'candle')}` +
    `${lag}, ${plural(reconnects, 'reconnect')}`
  );
}

function syncPart({ sync, nowMs }: CollectPicture): string {
  if (sync === undefined) return 'not set up';
  const [shortest] = sync.timeframes;
  if (shortest?.paused === true) return 'paused';
  const lags = sync.timeframes.flatMap(({ timeframe, lastResult }) =>
    lastResult?.lagMs === undefined
      ? []
      : [`${timeframe} ${formatSeconds(lastResult.lagMs / 1000)}`],
  );
  const next = sync.timeframes.flatMap(({ nextAtMs }) => nextAtMs ?? []);
  const soon =
    next.length === 0 ? '' : `, next in ${formatSeconds((Math.min(...next) - nowMs) / 1000)}`;
  const hasRun = sync.timeframes.some(({ lastResult }) => lastResult !== undefined);
  const unknown = hasRun ? 'no history yet when it ran' : 'waiting for its first run';
  return `${lags.length === 0 ? unknown : `lag ${lags.join(', ')}`}${soon}`;
}
