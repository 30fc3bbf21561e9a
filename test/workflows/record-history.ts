import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTemporal } from '../../stack/find-temporal.js';

/** Recorded histories that every later version of the workflows must replay. */
export const HISTORIES = fileURLToPath(new URL('./histories', import.meta.url));

export interface RecordedRun {
  readonly address: string;
  readonly namespace: string;
  readonly workflowId: string;
  /** Default: the latest run of that id. */
  readonly runId?: string;
}

/**
 * Writes the history of a finished run beside the others when `RECORD_HISTORIES=1`: after a wanted,
 * incompatible change of a workflow, and never to make a failing replay pass.
 */
export async function recordHistory(name: string, run: RecordedRun): Promise<void> {
  if (process.env['RECORD_HISTORIES'] !== '1') return;
  const binary = await findTemporal({ log: () => undefined });
  const history = execFileSync(binary, [
    ...['workflow', 'show', '--output', 'json', '--workflow-id', run.workflowId],
    ...['--address', run.address, '--namespace', run.namespace],
    ...(run.runId === undefined ? [] : ['--run-id', run.runId]),
  ]);
  // Who and where it ran is of no use to a replay.
  const anonymous = history
    .toString('utf8')
    .replaceAll(/"identity": *"[^"]*"/g, '"identity": "recorded"')
    .replaceAll(/"stackTrace": *"[^"]*"/g, '"stackTrace": ""');
  writeFileSync(path.join(HISTORIES, `${name}.json`), anonymous);
}
