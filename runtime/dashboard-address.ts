import { isIPv6 } from 'node:net';
import { WrongUse } from '../domain/failure.js';
import type { DashboardConfig } from './config.js';

const WILDCARDS: readonly string[] = ['0.0.0.0', '::'];

/**
 * Whoever reaches the dashboard can start and cancel runs.
 *
 * @throws WrongUse without a token on an address that other machines can reach
 */
export function refuseWithoutToken({ host, token }: Omit<DashboardConfig, 'port'>): void {
  if (isLoopback(host) || token !== undefined) return;
  throw new WrongUse(
    `others can reach the dashboard on ${host}: set DASHBOARD_TOKEN, or DASHBOARD_HOST=127.0.0.1`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The address for a browser on this machine. */
export function dashboardUrl({ host, port }: Pick<DashboardConfig, 'host' | 'port'>): string {
  const name = WILDCARDS.includes(host) ? '127.0.0.1' : host;
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}
