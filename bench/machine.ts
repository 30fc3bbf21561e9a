import { cpus, loadavg, totalmem } from 'node:os';
import { runCommand } from '../stack/run-command.js';
import type { ServerBinaries } from '../stack/provision.js';

const VERSION_TIMEOUT_MS = 20_000;

/** What the figures depend on, a line each. */
export async function machineFacts(binaries: ServerBinaries): Promise<string[]> {
  const cores = cpus();
  const memoryGb = (totalmem() / 1024 ** 3).toFixed(0);
  const [postgres, temporal, redis] = await Promise.all([
    versionOf(binaries.postgres.postgres),
    versionOf(binaries.temporal),
    versionOf(binaries.redis),
  ]);
  return [
    `machine   ${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${memoryGb} GB; all servers run on it`,
    `load      ${loadNow()} (1, 5 and 15 minutes, before the first measurement)`,
    `versions  Node ${process.versions.node}; ${postgres}; ${temporal}; ${redis}`,
  ];
}

/** Processes that want to run: mean of 1, 5 and 15 minutes. */
export function loadNow(): string {
  return loadavg()
    .map((load) => load.toFixed(2))
    .join(' ');
}

async function versionOf(program: string): Promise<string> {
  const { stdout } = await runCommand(program, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS });
  // Redis goes on with its build in the same line
  return (stdout.split('\n')[0] ?? '').replace(/ sha=.*/, '').trim();
}
