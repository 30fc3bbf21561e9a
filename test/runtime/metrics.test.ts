import { Registry } from 'prom-client';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { freePort } from '../../runtime/free-port.js';
import { startMetricsServer, type MetricsServer } from '../../runtime/metrics/metrics-server.js';
import { Health } from '../../runtime/metrics/health.js';
import { createMissingMetrics } from '../../runtime/metrics/missing-metrics.js';
import { createRepairMetrics, type RepairMetrics } from '../../runtime/metrics/repair-metrics.js';
import { createRegistry } from '../../runtime/metrics/registry.js';
import {
  createStreamMetrics,
  type StreamLevels,
  type StreamMetrics,
} from '../../runtime/metrics/stream-metrics.js';
import { createSyncMetrics, type SyncMetrics } from '../../runtime/metrics/sync-metrics.js';

const DOCUMENT = fileURLToPath(new URL('../../docs/metrics.md', import.meta.url));
const HEADER = ['name', 'type', 'labels', 'unit', 'meaning', 'a bad value'];

const LEVELS: StreamLevels = {
  ...{ connections: 2, liveConnections: 1, symbols: 300, messageAgeMs: 1_500 },
  ...{ messages: 1_000, malformed: 3, reconnects: 4, tickersWritten: 500, tickersDropped: 7 },
};

interface DocumentedMetric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** The rows of the table in docs/metrics.md. */
function documented(): DocumentedMetric[] {
  const lines = readFileSync(DOCUMENT, 'utf8').split('\n');
  const [header, , ...rows] = lines
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  expect(header).toEqual(HEADER);
  return rows.map((cells) => {
    expect(cells, cells[0]).toHaveLength(HEADER.length);
    const [name = '', type = '', labels = '', ...texts] = cells;
    for (const text of texts) expect(text, name).not.toBe('');
    return {
      ...{ name: unquoted(name), type },
      labels: labels === '' ? [] : labels.split(',').map((label) => unquoted(label.trim())),
    };
  });
}

function unquoted(cell: string): string {
  expect(cell).toMatch(/^`[a-z0-9_]+`$/);
  return cell.slice(1, -1);
}

/** The metrics of M1 itself in a scrape. */
function exposed(text: string): DocumentedMetric[] {
  const types = [...text.matchAll(/^# TYPE (m1_\w+) (\w+)$/gm)];
  return types.map(([, name = '', type = '']) => {
    const samples = [...text.matchAll(new RegExp(`^${name}(?:_bucket)?{(.*)}`, 'gm'))];
    const labels = samples.flatMap(([, inner = '']) =>
      [...inner.matchAll(/(\w+)="/g)].flatMap(([, label]) => label ?? []),
    );
    return { name, type, labels: [...new Set(labels)].filter((label) => label !== 'le') };
  });
}

/** Tells one of everything that a stream can tell. */
function tellAll(metrics: StreamMetrics): void {
  metrics.tickerLag(20);
  for (const timeframe of TIMEFRAMES) {
    metrics.candleStored(timeframe, 300);
    metrics.candleLate(timeframe);
    metrics.candlesMissed(timeframe, 1);
  }
  metrics.candlesRevised(2);
  metrics.candleGivenUp();
  metrics.gapsHandedOver(5);
}

function tellRepair(metrics: RepairMetrics): void {
  metrics.repaired('disconnected', 2_000);
  metrics.counted({ requests: 3, candles: 40, gaps: 2 });
  metrics.typed('venue_outage', 1);
  metrics.drifted(5);
}

function tellSync(metrics: SyncMetrics): void {
  metrics.synced('5m', { candles: 3, revised: 1, failed: 0, lagMs: 120_000 });
  metrics.checked(2);
  metrics.told('raised');
}

/** What Temporal's SDK serves. @returns its address */
async function temporalServer(): Promise<{ url: string; server: Server }> {
  const server = createServer((_, response) => response.end('temporal_request_total 3\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, server };
}

interface Served {
  readonly address: string;
  readonly metrics: StreamMetrics;
  readonly health: Health;
  readonly registry: Registry;
  readonly warnings: string[];
  readonly server: MetricsServer;
}

async function serve(temporalUrl: string): Promise<Served> {
  const registry = createRegistry();
  const metrics = createStreamMetrics(registry);
  const warnings: string[] = [];
  const port = await freePort();
  const health = new Health();
  const server = await startMetricsServer({
    ...{ host: '127.0.0.1', port, registry, temporalUrl, health },
    warn: (message) => warnings.push(message),
  });
  if (server === undefined) throw new Error(warnings.join());
  onTestFinished(() => server.close());
  return { address: `http://127.0.0.1:${port}`, metrics, registry, health, warnings, server };
}

describe('the endpoint', () => {
  it('serves exactly the metrics of the table in docs/metrics.md', async () => {
    const { address, metrics, registry } = await serve((await temporalServer()).url);
    onTestFinished(metrics.follow(() => LEVELS));
    tellAll(metrics);
    tellRepair(createRepairMetrics(registry));
    tellSync(createSyncMetrics(registry));
    createMissingMetrics(registry, () => Promise.resolve([]));
    const answer = await fetch(`${address}/metrics`);
    const byName = (a: DocumentedMetric, b: DocumentedMetric): number => (a.name < b.name ? -1 : 1);
    const found = exposed(await answer.text());
    expect(found.length).toBeGreaterThan(10);
    expect(found.sort(byName)).toEqual(documented().sort(byName));
  });

  it('serves those of the process and of Temporal along, and nothing else', async () => {
    const { address } = await serve((await temporalServer()).url);
    const answer = await fetch(`${address}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    expect(text).toMatch(/^temporal_request_total 3$/m);
    expect((await fetch(`${address}/`)).status).toBe(404);
  });

  it('answers 500 and warns when those of Temporal cannot be had', async () => {
    const { address, warnings } = await serve(`http://127.0.0.1:${await freePort()}/metrics`);
    expect((await fetch(`${address}/metrics`)).status).toBe(500);
    expect(warnings).toEqual([expect.stringMatching(/^metrics could not be collected: /)]);
  });

  it('that cannot have its port is a warning', async () => {
    const { url } = await temporalServer();
    const first = await serve(url);
    const warnings: string[] = [];
    const port = Number(new URL(first.address).port);
    const second = await startMetricsServer({
      ...{ host: '127.0.0.1', port, registry: new Registry(), temporalUrl: url },
      health: new Health(),
      warn: (message) => warnings.push(message),
    });
    expect(second).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining(`METRICS_PORT ${port} cannot be had`)]);
  });

  it('tells whether each server answers', async () => {
    const { address, health } = await serve((await temporalServer()).url);
    const asked = async (): Promise<[number, unknown]> => {
      const answer = await fetch(`${address}/healthz`);
      return [answer.status, await answer.json()];
    };
    expect(await asked()).toEqual([503, { ok: false, servers: [] }]);
    const well = { name: 'PostgreSQL', ask: () => Promise.resolve() };
    health.watch([well]);
    expect(await asked()).toEqual([200, { ok: true, servers: [{ name: 'PostgreSQL', ok: true }] }]);
    const refuses = { name: 'Redis', ask: () => Promise.reject(new Error('connection refused')) };
    const silent = { name: 'Temporal', ask: () => new Promise(() => undefined) };
    health.watch([well, refuses, silent]);
    expect(await asked()).toEqual([
      503,
      {
        ok: false,
        servers: [
          { name: 'PostgreSQL', ok: true },
          { name: 'Redis', ok: false, error: 'connection refused' },
          { name: 'Temporal', ok: false, error: 'no answer in 2 s' },
        ],
      },
    ]);
  });

  it('ends although somebody keeps a connection open', async () => {
    const { address, server } = await serve((await temporalServer()).url);
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    const cut = new Promise<void>((resolve) => {
      socket.on('error', () => undefined).once('close', () => resolve());
    });
    await once(socket, 'connect');
    // a request that is never finished
    socket.write('GET /metrics HTTP/1.1\r\n');
    await fetch(`${address}/metrics`);
    const began = performance.now();
    await server.close();
    await cut;
    // Node itself cuts it after a minute
    expect(performance.now() - began).toBeLessThan(30_000);
    await expect(fetch(`${address}/metrics`)).rejects.toThrow();
  });
});

describe('the figures of streams', () => {
  function registered() {
    const registry = new Registry();
    const metrics = createStreamMetrics(registry);
    const value = async (name: string): Promise<number> => {
      const found = await registry.getSingleMetric(`m1_stream_${name}`)?.get();
      return found?.values[0]?.value ?? Number.NaN;
    };
    return { registry, metrics, value };
  }

  it('are read when they are asked for', async () => {
    const { metrics, value } = registered();
    let levels = LEVELS;
    metrics.follow(() => levels);
    expect(await value('messages_total')).toBe(1_000);
    levels = { ...LEVELS, messages: 1_010, connections: 3, messageAgeMs: undefined };
    expect(await value('messages_total')).toBe(1_010);
    expect(await value('connections')).toBe(3);
    expect(await value('message_age_seconds')).toBe(0);
  });

  it('never go back as totals: a stream that ended counts on with the next', async () => {
    const { metrics, value } = registered();
    const unfollow = metrics.follow(() => LEVELS);
    unfollow();
    expect(await value('messages_total')).toBe(1_000);
    expect(await value('connections')).toBe(0);
    metrics.follow(() => ({ ...LEVELS, messages: 50, tickersDropped: 1 }));
    expect(await value('messages_total')).toBe(1_050);
    expect(await value('tickers_dropped_total')).toBe(8);
    // and do not grow by being read
    expect(await value('messages_total')).toBe(1_050);
  });

  it('of an activity and its successor: sockets add up, the age is that of the oldest', async () => {
    const { metrics, value } = registered();
    metrics.follow(() => LEVELS);
    metrics.follow(() => ({ ...LEVELS, messageAgeMs: 200, liveConnections: 2 }));
    expect(await value('connections')).toBe(4);
    expect(await value('connections_live')).toBe(3);
    expect(await value('reconnects_total')).toBe(8);
    expect(await value('message_age_seconds')).toBe(1.5);
    expect(await value('symbols')).toBe(300);
  });

  it('are in seconds, by timeframe where candles close', async () => {
    const { metrics, registry } = registered();
    tellAll(metrics);
    const text = await registry.metrics();
    expect(text).toContain('m1_stream_ticker_lag_seconds_sum 0.02');
    expect(text).toContain('m1_stream_candle_stored_seconds_sum{timeframe="4h"} 0.3');
    expect(text).toContain('m1_stream_candles_missed_total{timeframe="1d"} 1');
    expect(text).toContain('m1_stream_gaps_total 5');
  });
});

describe('what is missing', () => {
  it('is read at each scrape, kinds without any as 0', async () => {
    const registry = new Registry();
    let missing = [{ kind: 'failed' as const, candles: 7 }];
    createMissingMetrics(registry, () => Promise.resolve(missing));
    const samples = async (): Promise<string[]> =>
      (await registry.metrics())
        .split('\n')
        .filter((line) => line.startsWith('m1_missing_candles'));
    expect(await samples()).toEqual([
      'm1_missing_candles{kind="unconfirmed"} 0',
      'm1_missing_candles{kind="failed"} 7',
      'm1_missing_candles{kind="disconnected"} 0',
    ]);
    missing = [];
    expect(await samples()).toContain('m1_missing_candles{kind="failed"} 0');
  });

  it('is absent while the database fails or is silent, which is asked once meanwhile', async () => {
    const registry = new Registry();
    let answer = (): void => undefined;
    const silence = new Promise<[]>((resolve) => (answer = () => resolve([])));
    const answers = [Promise.reject(new Error('away')), silence];
    createMissingMetrics(registry, () => {
      const next = answers.shift();
      if (next === undefined) throw new Error('asked while it was silent');
      return next;
    });
    for (const state of ['failed', 'silent', 'still silent']) {
      expect(await registry.metrics(), state).not.toContain('kind=');
    }
    expect(answers).toEqual([]);
    const last = registry.metrics();
    answer();
    expect(await last).toContain('m1_missing_candles{kind="failed"} 0');
  });
});
