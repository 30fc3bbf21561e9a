import {
  activityInfo,
  cancellationSignal,
  cancelled,
  Context,
  getClient,
} from '@temporalio/activity';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, WrongUse } from '../../domain/failure.js';
import type { OpenLiveFeed } from '../../domain/live-feed.js';
import type { GapQueue, LiveCandleStore, SourceStore } from '../../domain/stores.js';
import type { StreamFigures } from '../../domain/stream.js';
import type { TickerCache } from '../../domain/ticker.js';
import { STREAM_LIVE_SIGNAL } from '../../domain/workflow-names.js';
import type { Logger } from '../../runtime/logger.js';
import type { StreamMetrics } from '../../runtime/metrics/stream-metrics.js';
import { choosePairs, type ChooseDeps } from '../choose-symbols.js';
import { currentOrigin } from '../current-origin.js';
import { planned } from '../planning.js';
import { refuseOtherDatabase, refuseOtherSource } from '../refuse-other-source.js';
import { wakeRepair } from '../repair/wake-repair.js';
import { translated } from '../translated.js';
import { aborted } from './aborted.js';
import { StreamSession } from './stream-session.js';
import type { StreamActivities, StreamTask } from './types.js';

/** How often the activity says that it lives, ms. */
const BEAT_MS = 2_000;

/** How often one line of the log tells how the stream is, ms. */
const REPORT_MS = 300_000;

/** How long what was accepted may take to be stored when the stream ends, ms. */
const DRAIN_MS = 8_000;

/** Between two attempts to tell Temporal something, ms. */
const TELL_AGAIN_MS = 2_000;

export interface StreamActivityDeps extends ChooseDeps {
  /** Why the configuration of this worker allows no stream; undefined: it does. */
  readonly refusal: string | undefined;
  readonly openFeed: OpenLiveFeed;
  /** The tickers, as the attempt that was scheduled at `scheduledMs`: the latest one owns them. */
  readonly openTickers: (rank: readonly [scheduledMs: number, attempt: number]) => TickerCache;
  readonly live: LiveCandleStore;
  readonly gaps: GapQueue;
  readonly source: SourceStore;
  readonly sourceLabel: string;
  readonly metrics: StreamMetrics;
  readonly log: Logger;
  /** Local clock, ms since 1970. */
  readonly nowMs: () => number;
}

/** The activities of a stream. */
export function createStreamActivities(deps: StreamActivityDeps): StreamActivities {
  return {
    planStream: (pairs) =>
      planned(deps.nowMs, async (signal) => {
        refuseConfigured(deps);
        const { databaseId } = await refuseOtherSource(deps.source, deps.sourceLabel);
        const { symbols } = await choosePairs(deps, pairs, { budgetClass: 'upkeep', signal });
        return { source: deps.sourceLabel, databaseId, symbols };
      }),

    runStream: (task) =>
      translated(deps.nowMs, async () => {
        refuseConfigured(deps);
        await refuseOtherDatabase(deps.source, deps.sourceLabel, task.databaseId);
        await runStream(deps, task);
      }),
  };
}

function refuseConfigured({ refusal }: StreamActivityDeps): void {
  if (refusal !== undefined) throw new WrongUse(refusal);
}

/** Runs until the activity is cancelled, its worker stops, or something breaks. */
async function runStream(deps: StreamActivityDeps, task: StreamTask): Promise<void> {
  const context = Context.current();
  const { currentAttemptScheduledTimestampMs, attempt } = activityInfo();
  const signal = cancellationSignal();
  const fault = new AbortController();
  const ended = AbortSignal.any([signal, fault.signal]);
  const told = new Teller(deps.log, ended);
  const session = new StreamSession(
    {
      ...deps,
      candles: deps.live,
      tickers: deps.openTickers([currentAttemptScheduledTimestampMs, attempt]),
      origin: currentOrigin('ws'),
      onLive: () => told.live(task.generation),
      onGaps: () => told.gaps(),
      onFault: (error) => fault.abort(error),
    },
    task.symbols,
  );
  const beat = (): void => {
    if (session.healthy) context.heartbeat(session.figures());
  };
  const beats = setInterval(beat, BEAT_MS);
  const reports = setInterval(() => {
    report(deps.log, session.figures());
    void session.wakeRepairIfDue();
  }, REPORT_MS);
  beat();
  try {
    await aborted(ended);
  } finally {
    clearInterval(reports);
    await session.close(AbortSignal.timeout(DRAIN_MS));
    clearInterval(beats);
    report(deps.log, session.figures());
  }
  fault.signal.throwIfAborted();
  await cancelled();
}

function report(log: Logger, figures: StreamFigures): void {
  const { state, connections, symbols, messages, lagMs, reconnects, gaps } = figures;
  const { tickersWritten, tickersDropped, candlesStored, revisions, rssBytes } = figures;
  log.info(
    {
      ...{ state, connections, symbols, messages, lagMs, reconnects, gaps },
      ...{ tickersWritten, tickersDropped, candlesStored, revisions },
      memoryMB: Math.round(rssBytes / 1_048_576),
    },
    'stream',
  );
}

/** Tells Temporal what the stream has seen, and again until Temporal takes it. */
class Teller {
  readonly #log: Logger;
  readonly #ended: AbortSignal;
  readonly #client = getClient();
  readonly #workflowId = activityInfo().workflowExecution?.workflowId ?? '';
  #telling = false;

  constructor(log: Logger, ended: AbortSignal) {
    this.#log = log;
    this.#ended = ended;
  }

  live(generation: number): void {
    const handle = this.#client.workflow.getHandle(this.#workflowId);
    void this.#untilTaken(() => handle.signal(STREAM_LIVE_SIGNAL, generation));
  }

  /** Starts the repair, or wakes it when it runs. */
  gaps(): void {
    if (this.#telling) return;
    this.#telling = true;
    void this.#untilTaken(() => wakeRepair(this.#client)).finally(() => {
      this.#telling = false;
    });
  }

  async #untilTaken(tell: () => Promise<unknown>): Promise<void> {
    while (!this.#ended.aborted) {
      try {
        await tell();
        return;
      } catch (error) {
        this.#log.warn(`Temporal was not told (${reasonOf(error)}): trying again`);
        await sleep(TELL_AGAIN_MS, undefined, { signal: this.#ended }).catch(() => undefined);
      }
    }
  }
}
