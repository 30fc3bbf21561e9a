import type { KlineLogEntry, StatsSnapshot } from '../../simulator/request-stats.js';

/** The venue and the shared budget forget requests after 5 s. */
export const FORGET_MS = 5_300;

/** What the simulator has counted since its statistics were last reset. It judges every run. */
export function readStats(simulatorUrl: string): Promise<StatsSnapshot> {
  return ask<StatsSnapshot>(`${simulatorUrl}/admin/stats`);
}

/** The kline requests since the last reset, in the order of their arrival. */
export async function readKlineRequests(simulatorUrl: string): Promise<readonly KlineLogEntry[]> {
  const { klines } = await ask<{ klines: readonly KlineLogEntry[] }>(
    `${simulatorUrl}/admin/stats?klines=1`,
  );
  return klines;
}

/** Forgets requests, statistics and bans. */
export async function resetVenue(simulatorUrl: string): Promise<void> {
  await ask(`${simulatorUrl}/admin/reset`, { method: 'POST', body: '{}' });
}

/** Lets no request for candles through until the next reset: each is told to be of a wrong region. */
export async function refuseKlines(simulatorUrl: string): Promise<void> {
  const effect = { kind: 'status', status: 403, body: 'region' };
  const fault = JSON.stringify({ match: { endpoint: 'kline' }, effect });
  await ask(`${simulatorUrl}/admin/faults`, { method: 'POST', body: fault });
}

async function ask<Answer>(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`the simulator answers ${response.status} to ${url}`);
  return (await response.json()) as Answer;
}
