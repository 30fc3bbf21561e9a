import { choosePort, LOOPBACK } from '../../stack/ports.js';
import type { ServerProcess } from '../../stack/server-process.js';
import { waitUntilReady } from '../../stack/wait-until-ready.js';
import type { Bed } from '../bed.js';
import { startM1, workerVariables, type WorkerProcessOptions } from '../programs.js';

const READY_TIMEOUT_MS = 60_000;

/** `m1 dashboard` in a process of its own. */
export interface DashboardProcess extends ServerProcess {
  readonly url: string;
}

/** Starts a dashboard that answers. */
export async function startDashboard(
  bed: Bed,
  options: WorkerProcessOptions,
): Promise<DashboardProcess> {
  const port = await choosePort('any');
  const url = `http://${LOOPBACK}:${port}`;
  const dashboard = await startM1(bed, ['dashboard'], {
    ...workerVariables(bed, options),
    DASHBOARD_PORT: String(port),
  });
  await waitUntilReady(dashboard, {
    ports: [port],
    answers: async () => (await fetch(`${url}/`)).ok,
    timeoutMs: READY_TIMEOUT_MS,
    signal: options.signal,
  });
  return { ...dashboard, url };
}

/** The whole answer of one view, as text. */
export async function readView(url: string, view: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(`${url}/api/${view}`, { signal });
  const text = await response.text();
  if (!response.ok) throw new Error(`${view} answered ${response.status}: ${text}`);
  return text;
}
