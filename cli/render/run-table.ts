import type { Config } from '../../runtime/config.js';
import type { ListedRun } from '../../domain/listed-run.js';
import { formatMinute, formatSeconds, isoSeconds } from './format.js';
import { renderTable } from './table.js';

const COLUMNS = [
  { title: 'KIND' },
  { title: 'STATUS' },
  { title: 'STARTED (UTC)' },
  { title: 'DURATION', align: 'right' },
  { title: 'ID' },
] as const;

/** Runs as a table, those that run first. */
export function runTable(runs: readonly ListedRun[], nowMs: number): string[] {
  if (runs.length === 0) return ['no runs yet: m1 backfill starts one'];
  const sorted = [...runs].sort((a, b) => rank(a) - rank(b) || b.startedAtMs - a.startedAtMs);
  return renderTable(
    COLUMNS,
    sorted.map((run) => [
      run.kind,
      statusText(run),
      formatMinute(run.startedAtMs),
      formatSeconds(secondsOf(run, nowMs)),
      run.workflowId,
    ]),
  );
}

/** One run as JSON. */
export function runEntry(run: ListedRun, nowMs: number): Record<string, unknown> {
  return {
    kind: run.kind,
    workflow_id: run.workflowId,
    run_id: run.runId,
    status: run.status,
    phase: run.phase ?? null,
    started: isoSeconds(run.startedAtMs),
    ended: run.closedAtMs === undefined ? null : isoSeconds(run.closedAtMs),
    seconds: secondsOf(run, nowMs),
  };
}

/** What stands above all that is told of one run. */
export function headLines(run: ListedRun, summary: string | undefined, nowMs: number): string[] {
  return [
    run.workflowId,
    ...(summary === undefined ? [] : [summary]),
    `${statusText(run)}, started ${formatMinute(run.startedAtMs)} UTC, ${formatSeconds(secondsOf(run, nowMs))}`,
  ];
}

function statusText({ status, phase }: ListedRun): string {
  // the phase of a run that ended says nothing more than its status
  return status === 'running' && phase !== undefined && phase !== 'running'
    ? `${status} (${phase})`
    : status;
}

function secondsOf({ startedAtMs, closedAtMs }: ListedRun, nowMs: number): number {
  return Math.max(0, (closedAtMs ?? nowMs) - startedAtMs) / 1000;
}

function rank({ status }: ListedRun): number {
  return status === 'running' ? 0 : 1;
}

/** Runs of a stack that collects from the simulator are marked together: a list does not know more. */
export function simulatedBanner({
  stackMode,
  temporal,
}: Pick<Config, 'stackMode' | 'temporal'>): string[] {
  const simulated = stackMode === 'simulated' && temporal.origin === 'm1 up';
  return simulated ? ['SIMULATED: these runs collect from the local simulator'] : [];
}
