import type { BackfillPlan, BackfillProgress, BackfillResult } from '../../domain/backfill.js';
import type { Horizon } from '../../domain/retention.js';
import type { RunIdentity } from '../../steering/run-identity.js';
import { isoSeconds } from '../render/format.js';
import type { RunOutcome } from './run-outcome.js';

/** The JSON that `m1 backfill --json` and `m1 runs watch --json` print: a contract. */
export interface RunDocument {
  readonly workflow_id: string;
  readonly run_id: string;
  readonly status: 'done' | 'partial' | 'failed' | 'running';
  readonly series: number;
  readonly candles: number;
  readonly requests: number;
  readonly seconds: number;
  readonly failed: readonly { symbol: string; timeframe: string; reason: string }[];
  /** Only when less was asked for than was wanted: nothing before `horizon` is kept. */
  readonly clipped?: readonly ClippedDocument[];
  /** Of a dry run only. */
  readonly plan?: PlanDocument;
}

interface ClippedDocument {
  readonly timeframe: string;
  readonly horizon: string;
  readonly reason: 'retention';
}

interface PlanDocument {
  readonly from: string;
  readonly to: string;
  readonly candles: number;
  readonly requests: number;
  readonly seconds: number;
  readonly symbols: readonly {
    symbol: string;
    timeframes: readonly string[];
    candles: number;
    requests: number;
  }[];
}

/**
 * @param outcome undefined while the run goes on
 * @param progress the last that was heard, for a run without a result
 */
export function runDocument(
  { workflowId, runId }: RunIdentity,
  outcome: RunOutcome | undefined,
  progress: BackfillProgress | undefined,
  nowMs: number,
): RunDocument {
  const identity = { workflow_id: workflowId, run_id: runId };
  if (outcome?.kind === 'finished') return { ...identity, ...finishedPart(outcome.result) };
  return {
    ...identity,
    status: outcome === undefined ? 'running' : 'failed',
    series: progress?.series ?? 0,
    candles: progress?.candles ?? 0,
    requests: progress?.requests ?? 0,
    seconds: progress === undefined ? 0 : Math.max(0, nowMs - progress.startedAtMs) / 1000,
    failed: progress?.failed ?? [],
  };
}

function finishedPart(result: BackfillResult): Omit<RunDocument, 'workflow_id' | 'run_id'> {
  const { plan, clipped, ...rest } = result;
  return {
    ...rest,
    ...(clipped === undefined ? {} : { clipped: clipped.map(clippedDocument) }),
    ...(plan === undefined ? {} : { plan: planDocument(plan) }),
  };
}

function clippedDocument({ timeframe, horizonMs }: Horizon): ClippedDocument {
  return { timeframe, horizon: isoSeconds(horizonMs), reason: 'retention' };
}

function planDocument(plan: BackfillPlan): PlanDocument {
  return {
    from: isoSeconds(plan.fromMs),
    to: isoSeconds(plan.toMs),
    candles: plan.symbols.reduce((sum, { candles }) => sum + candles, 0),
    requests: plan.symbols.reduce((sum, { requests }) => sum + requests, 0),
    seconds: plan.seconds,
    symbols: plan.symbols,
  };
}
