import { SIMULATED_SOURCE } from '../../domain/source.js';
import type { SyncSet } from '../../domain/sync.js';
import { formatCount, formatSeconds, isoSeconds, plural, symbolsText } from '../render/format.js';
import { renderTable } from '../render/table.js';
import { pairsText } from '../../steering/pairs-text.js';
import type { SyncStatus, TimeframeSync } from './read-sync.js';

const BANNER = 'SIMULATED: these candles were made up by the local simulator';

/** Names that a line spells out. */
const NAMED = 10;

const COLUMNS = [
  { title: 'TIMEFRAME' },
  { title: 'LAST' },
  { title: 'ENDED' },
  { title: 'CANDLES', align: 'right' },
  { title: 'AMENDED', align: 'right' },
  { title: 'CAUGHT UP', align: 'right' },
  { title: 'LAG', align: 'right' },
  { title: 'NEXT' },
  { title: 'MISSED', align: 'right' },
] as const;

/** A day without a new candle reads as a fault where the candles are days. */
const LAG_EXPLAINED = 'LAG of up to one timeframe is as it should be: its candle is still open';

/** A line for each timeframe, and what needs a person. */
export function syncLines(status: SyncStatus, nowMs: number): string[] {
  const { set, timeframes } = status;
  const simulated = timeframes.some(({ lastResult }) => lastResult?.source === SIMULATED_SOURCE);
  return [
    ...(simulated ? [BANNER] : []),
    setText(set),
    ...renderTable(
      COLUMNS,
      timeframes.map((one) => cells(one, nowMs)),
    ),
    LAG_EXPLAINED,
    ...missedLines(timeframes),
    ...[...new Set(timeframes.flatMap(notes))],
  ];
}

function setText({ pairs, withStream }: SyncSet): string {
  return `${pairsText(pairs)}${withStream ? ', the stream with them' : ''}`;
}

function cells(
  { timeframe, paused, last, lastResult, nextAtMs, missed }: TimeframeSync,
  nowMs: number,
) {
  return [
    timeframe,
    last === undefined ? '-' : `${formatSeconds((nowMs - last.startedAtMs) / 1000)} ago`,
    last?.status ?? '-',
    lastResult === undefined ? '-' : formatCount(lastResult.candles),
    lastResult === undefined ? '-' : formatCount(lastResult.revised),
    lastResult === undefined ? '-' : formatSeconds(lastResult.behindMs / 1000),
    lastResult?.lagMs === undefined ? '-' : formatSeconds(lastResult.lagMs / 1000),
    paused
      ? 'paused'
      : nextAtMs === undefined
        ? '-'
        : `in ${formatSeconds((nextAtMs - nowMs) / 1000)}`,
    formatCount(missed.whileDown + missed.stillRunning),
  ];
}

/** Runs that were never started, and why that loses nothing. */
function missedLines(timeframes: readonly TimeframeSync[]): string[] {
  const sum = (of: (one: TimeframeSync) => number): number =>
    timeframes.reduce((total, one) => total + of(one), 0);
  const down = sum(({ missed }) => missed.whileDown);
  const running = sum(({ missed }) => missed.stillRunning);
  if (down + running === 0) return [];
  return [
    `missed: ${plural(down, 'run')} while Temporal was down, ${formatCount(running)} because the one ` +
      'before went on; each run reads all that is missing, so nothing is lost',
  ];
}

function notes({ lastResult, last }: TimeframeSync): string[] {
  const { failed = [], unlisted = [], sealed = [] } = lastResult ?? {};
  return [
    ...(last?.reason === undefined ? [] : [`the last sync failed: ${last.reason}`]),
    ...(unlisted.length === 0 ? [] : [`not listed by ByBit: ${symbolsText(unlisted, NAMED)}`]),
    ...(sealed.length === 0
      ? []
      : [`delisted, their end is sealed: ${symbolsText(sealed, NAMED)}`]),
    ...failed
      .slice(0, NAMED)
      .map(({ symbol, timeframe, reason }) => `failed: ${symbol} ${timeframe}: ${reason}`),
  ];
}

function setDocument({ pairs, days, withStream }: SyncSet): Record<string, unknown> {
  return { pairs, days, with_stream: withStream };
}

/** The JSON that `m1 sync status --json` prints. */
export function syncDocument(status: SyncStatus | undefined, nowMs: number) {
  return {
    now: isoSeconds(nowMs),
    set: status === undefined ? null : setDocument(status.set),
    timeframes: (status?.timeframes ?? []).map((one) => ({
      timeframe: one.timeframe,
      paused: one.paused,
      last:
        one.last === undefined
          ? null
          : {
              workflow_id: one.last.workflowId,
              started: isoSeconds(one.last.startedAtMs),
              status: one.last.status,
              reason: one.last.reason ?? null,
            },
      result:
        one.lastResult === undefined
          ? null
          : {
              ...{ series: one.lastResult.series, candles: one.lastResult.candles },
              ...{ revised: one.lastResult.revised, requests: one.lastResult.requests },
              caught_up_seconds: one.lastResult.behindMs / 1000,
              lag_seconds: one.lastResult.lagMs === undefined ? null : one.lastResult.lagMs / 1000,
              ...{ failed: one.lastResult.failed, unlisted: one.lastResult.unlisted },
              sealed: one.lastResult.sealed,
            },
      next: one.paused || one.nextAtMs === undefined ? null : isoSeconds(one.nextAtMs),
      missed: { while_down: one.missed.whileDown, still_running: one.missed.stillRunning },
    })),
  };
}
