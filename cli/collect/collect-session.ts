import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../../domain/failure.js';
import { syncScheduleId } from '../../domain/sync.js';
import type { StreamPairs } from '../../domain/stream.js';
import type { Config } from '../../runtime/config.js';
import { describeSchedule } from '../../runtime/schedules.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { EXIT } from '../exit-codes.js';
import { print, say, type CommandIo } from '../io.js';
import { DEFAULT_TOP } from '../parse-pairs.js';
import { watchReader } from '../reader-gone.js';
import { requestText } from '../../steering/request-text.js';
import { startOrJoinBackfill } from '../../steering/start-run.js';
import { withTemporal } from '../runs/temporal-session.js';
import { streamSession } from '../stream/stream-session.js';
import { setOf } from '../sync/read-sync.js';
import { applySync, type AppliedSet } from '../sync/start-sync.js';
import { createCollectView } from './collect-view.js';
import { backfillOf, readCollect } from './read-collect.js';

export interface CollectOptions {
  readonly config: Config;
  /** Undefined: what is kept already, or the top 50. */
  readonly pairs: StreamPairs | undefined;
  readonly days: number;
  readonly signal: AbortSignal;
}

/** Between two looks at what collects, ms. */
const LOOK_MS = 2_000;

/** Starts or adapts all that collects a set, and shows it until it is left. @returns the exit code */
export async function collectSession(options: CollectOptions, io: CommandIo): Promise<number> {
  const { config, days, signal } = options;
  return withTemporal(config, async (temporal) => {
    const pairs = options.pairs ?? (await keptPairs(temporal));
    // it refuses names that the venue does not list, before anything else is started
    const streaming = await streamSession({ config, pairs, detach: true, json: false, signal }, io);
    if (streaming !== EXIT.done) return streaming;
    const request = backfillOf({ pairs, days });
    const run = await startOrJoinBackfill(temporal, request);
    print(io, [`${requestText(request)}: ${run.joined ? 'joined' : 'started'}, ${run.workflowId}`]);
    const applied = await applySync(temporal, { pairs, days, withStream: true });
    print(io, ['kept up to date until m1 collect stop']);
    await watch(options, temporal, applied, io);
    say(io, 'left running: m1 collect shows it again, m1 collect stop ends it');
    return EXIT.done;
  });
}

async function keptPairs(temporal: TemporalClient): Promise<StreamPairs> {
  const known = await describeSchedule(temporal, syncScheduleId('5m'));
  return known === undefined ? { kind: 'top', count: DEFAULT_TOP } : setOf(known).pairs;
}

async function watch(
  { config, signal }: CollectOptions,
  temporal: TemporalClient,
  { set }: AppliedSet,
  io: CommandIo,
): Promise<void> {
  const gone = watchReader(io);
  const left = AbortSignal.any([signal, gone.signal]);
  const view = await createCollectView(io);
  let trouble: string | undefined;
  try {
    while (!left.aborted) {
      try {
        view.show(await readCollect(config, temporal, set));
        trouble = undefined;
      } catch (error) {
        // a server that is away is waited for: what collects waits for it too
        if (trouble !== reasonOf(error)) say(io, `m1: ${reasonOf(error)}`);
        trouble = reasonOf(error);
      }
      await sleep(LOOK_MS, undefined, { signal: left }).catch(() => undefined);
    }
  } finally {
    view.end();
    gone.stop();
  }
}
