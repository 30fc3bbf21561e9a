import type { Registry } from 'prom-client';
import { createServer, type ServerResponse } from 'node:http';
import { reasonOf } from '../../domain/failure.js';
import type { Health } from './health.js';

/** The other source answers at once or not at all, ms. */
const OTHER_TIMEOUT_MS = 2_000;

export interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  /** Address of the metrics of Temporal's SDK, which are served along. */
  readonly temporalUrl: string;
  readonly health: Health;
  readonly warn: (message: string) => void;
}

export interface MetricsServer {
  close(): Promise<void>;
}

/**
 * Serves `/metrics` in Prometheus' format: M1's figures, the process', and those of Temporal's SDK; and
 * `/healthz`, which is 200 when every server answers and 503 when one does not, with the reasons as JSON.
 * A port that is taken is a warning, because metrics must not stop the work.
 *
 * @returns undefined when the port cannot be had
 */
export async function startMetricsServer(
  options: MetricsServerOptions,
): Promise<MetricsServer | undefined> {
  const { host, port, warn } = options;
  const server = createServer((request, response) => {
    if (request.url === '/metrics') void answerMetrics(options, response);
    else if (request.url === '/healthz') void answerHealth(options.health, response);
    else response.writeHead(404).end('only /metrics and /healthz are here\n');
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    warn(`no metrics: METRICS_PORT ${port} cannot be had (${reasonOf(error)})`);
    return undefined;
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerMetrics(
  { registry, temporalUrl, warn }: MetricsServerOptions,
  response: ServerResponse,
): Promise<void> {
  try {
    const [own, temporal] = await Promise.all([registry.metrics(), fetchText(temporalUrl)]);
    response.writeHead(200, { 'content-type': registry.contentType });
    response.end(`${own}\n${temporal}`);
  } catch (error) {
    warn(`metrics could not be collected: ${reasonOf(error)}`);
    response.writeHead(500).end('metrics could not be collected\n');
  }
}

async function fetchText(url: string): Promise<string> {
  const answered = await fetch(url, { signal: AbortSignal.timeout(OTHER_TIMEOUT_MS) });
  return answered.text();
}

async function answerHealth(health: Health, response: ServerResponse): Promise<void> {
  const report = await health.report();
  response.writeHead(report.ok ? 200 : 503, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(report)}\n`);
}
