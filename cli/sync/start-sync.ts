import { nearestSymbols } from '../../domain/instrument.js';
import { NEWCOMER_DAYS, syncScheduleId, type SyncSet } from '../../domain/sync.js';
import { streamWorkflowId, type StreamPairs } from '../../domain/stream.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import type { Config } from '../../runtime/config.js';
import { applySchedule, describeSchedule, triggerSchedule } from '../../runtime/schedules.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { workerPolls } from '../../runtime/worker-presence.js';
import { withDatabase } from '../database.js';
import { print, say, type CommandIo } from '../io.js';
import { DEFAULT_TOP } from '../parse-pairs.js';
import { NO_WORKER } from '../../steering/missing-worker.js';
import { pairsText } from '../../steering/pairs-text.js';
import { withTemporal } from '../runs/temporal-session.js';
import { samePairs } from '../stream/symbol-sets.js';
import { setOf } from './read-sync.js';
import { FRESHNESS_SCHEDULE, syncSchedule } from '../../steering/sync-schedules.js';

/** What `m1 sync start` did. */
export interface AppliedSet {
  readonly set: SyncSet;
  /** The set before; undefined when nothing was kept. */
  readonly before: SyncSet | undefined;
}

/**
 * Keeps `change` up to date from now on, and reads at once what is missing. What it does not name
 * stays as it was; a pause ends.
 */
export async function applySync(
  temporal: TemporalClient,
  change: Partial<SyncSet>,
): Promise<AppliedSet> {
  const known = await describeSchedule(temporal, syncScheduleId('5m'));
  const before = known === undefined ? undefined : setOf(known);
  const set: SyncSet = {
    pairs: { kind: 'top', count: DEFAULT_TOP },
    days: NEWCOMER_DAYS,
    withStream: false,
    ...before,
    ...change,
  };
  const syncs = TIMEFRAMES.map((timeframe) => syncSchedule(timeframe, set));
  for (const schedule of [...syncs, FRESHNESS_SCHEDULE]) {
    await applySchedule(temporal, schedule, { resume: 'm1 sync start' });
  }
  for (const { scheduleId } of syncs) await triggerSchedule(temporal, scheduleId);
  return { set, before };
}

/** Starts or changes the sync. */
export async function startSync(
  config: Config,
  pairs: StreamPairs | undefined,
  io: CommandIo,
): Promise<void> {
  await withTemporal(config, async (temporal) => {
    const change = pairs === undefined ? {} : { pairs };
    const { set, before } = await applySync(temporal, change);
    print(io, [changeText(set, before)]);
    if (set.withStream)
      say(io, `the stream follows (${streamWorkflowId()}): m1 collect started it`);
    if (!(await workerPolls(temporal))) say(io, `m1: ${NO_WORKER}`);
  });
  if (pairs?.kind === 'symbols') await hintUnlisted(config, pairs.symbols, io);
}

function changeText({ pairs }: SyncSet, before: SyncSet | undefined): string {
  if (before === undefined) {
    return `kept up to date from now on: ${pairsText(pairs)}; m1 sync status shows how`;
  }
  if (samePairs(pairs, before.pairs)) return `kept up to date already: ${pairsText(pairs)}`;
  return `kept up to date from now on: ${pairsText(pairs)}, instead of ${pairsText(before.pairs)}`;
}

/** A pair may be named before it is listed, so a name that is not known is no fault. */
async function hintUnlisted(
  config: Config,
  symbols: readonly string[],
  io: CommandIo,
): Promise<void> {
  const known = await withDatabase(config.postgres, async (database) => {
    const { rows } = await database.query<{ name: string }>(
      'select name from symbols where is_active and quote is not null',
    );
    return rows.map(({ name }) => name);
  });
  const listed = new Set(known);
  if (listed.size === 0) return;
  for (const symbol of symbols.filter((name) => !listed.has(name))) {
    const nearest = nearestSymbols(symbol, known).join(', ');
    say(
      io,
      `ByBit did not list ${symbol} when it was last asked (nearest: ${nearest}): it is kept once it is listed`,
    );
  }
}
