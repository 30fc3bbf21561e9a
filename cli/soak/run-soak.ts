import { setTimeout as sleep } from 'node:timers/promises';
import type { StartedRun } from '../../steering/start-run.js';
import { pollStream } from '../stream/poll-stream.js';
import type { StreamOutcome } from '../stream/stream-outcome.js';
import { isLive } from './judge-soak.js';
import { Sampler, type SamplerParts } from './sampler.js';
import type { SoakRecord, SoakSample } from './soak-sample.js';
import type { SeriesTally } from '../../storage/series-tally.js';

/** A short soak has at least so many samples; a long one has one a minute. */
const SAMPLES = 30;
const MIN_STEP_MS = 2_000;
const MAX_STEP_MS = 60_000;

/** How long repair may take at the end, as a share of the soak and within bounds, ms. */
const REPAIR_SHARE = 0.1;
const MIN_REPAIR_MS = 60_000;
const MAX_REPAIR_MS = 600_000;
/** Whoever ends it early waits for the verdict. */
const INTERRUPTED_REPAIR_MS = 15_000;
const SETTLE_LOOK_MS = 1_000;

export interface RunSoakOptions extends Omit<SamplerParts, 'workflowId'> {
  readonly run: StartedRun;
  readonly durationMs: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
  readonly onSample: (sample: SoakSample) => void;
}

/** What was seen, and how the stream ended if it ended by itself. */
export interface SoakEnd {
  readonly record: SoakRecord;
  readonly outcome: StreamOutcome | undefined;
}

/** How far apart samples are, ms. */
export function stepMs(durationMs: number): number {
  return Math.min(MAX_STEP_MS, Math.max(MIN_STEP_MS, durationMs / SAMPLES));
}

/** Watches a stream that is live for so long, then waits until its candles are settled. */
export async function runSoak(options: RunSoakOptions): Promise<SoakEnd> {
  const { run, durationMs, signal, onSample } = options;
  const sampler = new Sampler({ ...options, workflowId: run.workflowId });
  const samples: SoakSample[] = [];
  const startedAtMs = Date.now();
  const beganAt = performance.now();
  const sinceMs = (): number => performance.now() - beganAt;
  const take = async (): Promise<SoakSample> => {
    const sample = await sampler.sample(sinceMs());
    samples.push(sample);
    onSample(sample);
    return sample;
  };
  await take();
  let nextMs = stepMs(durationMs);
  const ended = await pollStream(options, async () => {
    if (sinceMs() >= nextMs || sinceMs() >= durationMs) {
      await take();
      nextMs += stepMs(durationMs);
    }
    return sinceMs() >= durationMs ? { kind: 'over' as const } : undefined;
  });
  const ranMs = sinceMs();
  const outcome = ended.kind === 'over' || ended.kind === 'left' ? undefined : ended;
  const series = await settle(sampler, take, repairMs(durationMs, ended.kind), signal);
  const endedBy = outcome?.kind === 'failed' ? outcome.reason : outcome?.kind;
  return {
    record: { startedAtMs, wantedMs: durationMs, ranMs, samples, series, endedBy },
    outcome,
  };
}

function repairMs(durationMs: number, kind: 'over' | 'left' | StreamOutcome['kind']): number {
  if (kind === 'left') return INTERRUPTED_REPAIR_MS;
  if (kind !== 'over') return 0;
  return Math.min(MAX_REPAIR_MS, Math.max(MIN_REPAIR_MS, durationMs * REPAIR_SHARE));
}

/**
 * Waits until every candle that was due at the end is settled and the stream is live, at most so long.
 *
 * @returns what became of the candles
 */
async function settle(
  sampler: Sampler,
  take: () => Promise<SoakSample>,
  patienceMs: number,
  signal: AbortSignal,
): Promise<readonly SeriesTally[] | undefined> {
  const due = sampler.due();
  const interrupted = signal.aborted;
  const until = performance.now() + patienceMs;
  for (;;) {
    const series = await sampler.tally(due);
    const settled = series?.every(({ missing }) => missing === 0) ?? false;
    const late = performance.now() >= until || (signal.aborted && !interrupted);
    if (late || (settled && isLive(await take()))) return series;
    await sleep(SETTLE_LOOK_MS);
  }
}
