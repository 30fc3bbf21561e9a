import type { Registry } from 'prom-client';
import type { Config } from '../runtime/config.js';
import { freePort } from '../runtime/free-port.js';
import type { Logger } from '../runtime/logger.js';
import type { Health } from '../runtime/metrics/health.js';
import { startMetricsServer } from '../runtime/metrics/metrics-server.js';

export interface WorkerMetrics {
  /** Where Temporal's SDK is to serve its own metrics, `host:port`. */
  readonly temporalAddress: string;
  close(): Promise<void>;
}

/** Serves the worker's metrics and its health where they are wanted and the port can be had. */
export async function prepareMetrics(
  { metricsHost, metricsPort }: Config,
  registry: Registry,
  health: Health,
  logger: Logger,
): Promise<WorkerMetrics | undefined> {
  if (metricsPort === undefined) return undefined;
  // The SDK takes a fixed address only, and cannot be asked for the port of its choice.
  const temporalAddress = `127.0.0.1:${await freePort()}`;
  const server = await startMetricsServer({
    ...{ host: metricsHost, port: metricsPort, registry, health },
    temporalUrl: `http://${temporalAddress}/metrics`,
    warn: (message) => logger.warn(message),
  });
  return server && { temporalAddress, close: () => server.close() };
}
