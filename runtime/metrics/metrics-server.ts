import type { Registry } from 'prom-client';
import { createServer, type ServerResponse } from 'node:http';
import { reasonOf } from '../../domain/failure.js';

/** Only this machine may ask. */
const HOST = '127.0.0.1';

/** The other source answers at once or not at all, ms. */
const OTHER_TIMEOUT_MS = 2_000;

export interface MetricsServerOptions {
  readonly port: number;
  readonly registry: Registry;
  /** Address of the metrics of Temporal's SDK, which are served along. */
  readonly temporalUrl: string;
  readonly warn: (message: string) => void;
}

export interface MetricsServer {
  close(): Promise<void>;
}

/**
 * Serves `/metrics` in Prometheus' format: M1's figures, the process', and those of Temporal's SDK.
 * A port that is taken is a warning, because metrics must not stop the work.
 *
 * @returns undefined when the port cannot be had
 */
export async function startMetricsServer(
  options: MetricsServerOptions,
): Promise<MetricsServer | undefined> {
  const { port, warn } = options;
  const server = createServer((request, response) => {
    if (request.url === '/metrics') void answer(options, response);
    else response.writeHead(404).end('only /metrics is here\n');
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, resolve);
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

async function answer(
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
