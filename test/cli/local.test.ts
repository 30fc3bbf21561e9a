import { describe, expect, it } from 'vitest';
import { checkNode } from '../../cli/doctor/check-node.js';
import { judgeSpace } from '../../cli/doctor/check-disk.js';
import { checkSource, checkTable } from '../../cli/doctor/check-postgres.js';
import { checkLines } from '../../cli/doctor/check.js';
import { chooseMode } from '../../cli/local/choose-mode.js';
import { upgradeLines } from '../../cli/local/migrate.js';
import { simulatorAddress, workerEnvironment } from '../../cli/local/stack-children.js';
import { PLAIN } from '../../cli/render/palette.js';
import { runLink } from '../../steering/web-ui.js';
import type { TemporalConfig } from '../../runtime/config.js';
import { loadConfig } from '../../runtime/config.js';

const VENUE = {
  overrides: [],
  restUrl: 'https://api.bybit.com',
  wsUrl: 'wss://stream.bybit.com/v5/public/spot',
  source: 'bybit',
};

function answering(body: unknown, status = 200): typeof fetch {
  return () => Promise.resolve(new Response(JSON.stringify(body), { status }));
}

describe('chooseMode', () => {
  it('is live when ByBit itself answers', async () => {
    const { mode, line } = await chooseMode(undefined, VENUE, answering({ retCode: 0 }));
    expect(mode).toBe('live');
    expect(line).toMatch(/^live: /);
  });

  it.each([undefined, 'live'] as const)(
    'never calls another address live ByBit, asked for %s',
    async (asked) => {
      const env = { BYBIT_REST_URL: 'http://127.0.0.1:8901' };
      const { venue } = loadConfig({ env, folder: '/nonexistent', readStack: () => undefined });
      expect(await chooseMode(asked, venue, answering({ retCode: 0 }))).toEqual({
        mode: 'live',
        line: 'override: the data comes from http://127.0.0.1:8901 (BYBIT_REST_URL), source "override"',
      });
    },
  );

  it.each<[string, typeof fetch]>([
    ['nobody answers', () => Promise.reject(new Error('no network'))],
    ['the region is refused', answering({}, 403)],
    ['a proxy answers for it', answering('welcome')],
    ['the answer is none of ByBit', answering({ ok: true })],
  ])('is simulated when %s, and says so', async (_case, request) => {
    const { mode, line } = await chooseMode(undefined, VENUE, request);
    expect(mode).toBe('simulated');
    expect(line).toMatch(/^SIMULATED: https:\/\/api.bybit.com does not answer/);
  });

  it('asks nobody when a flag decides', async () => {
    const request: typeof fetch = () => Promise.reject(new Error('must not be asked'));
    expect((await chooseMode('live', VENUE, request)).mode).toBe('live');
    expect((await chooseMode('simulated', VENUE, request)).mode).toBe('simulated');
  });
});

describe('the environment of the worker of a stack', () => {
  const temporal: TemporalConfig = {
    address: 'x:1',
    namespace: 'default',
    connectionOptions: {},
    uiUrl: undefined,
    origin: 'default',
  };
  const addresses = {
    postgres: { host: '127.0.0.1', port: 1, user: 'u', password: 'p', database: 'd' },
    redis: { host: '127.0.0.1', port: 2 },
    temporal: { address: '127.0.0.1:3', namespace: 'n' },
  };

  it('leads it to the servers and to the simulator', () => {
    const own = { postgres: true, redis: true, temporal: true };
    const simulator = simulatorAddress(8900);
    const env = workerEnvironment({ addresses, own, temporal, simulator });
    const config = loadConfig({ env, folder: '/nonexistent', readStack: () => undefined });
    expect(config.postgres).toMatchObject({ ...addresses.postgres, origin: 'environment' });
    expect(config.redis).toMatchObject(addresses.redis);
    expect(config.temporal).toMatchObject(addresses.temporal);
    expect(config.venue).toMatchObject({ restUrl: simulator.restUrl, source: 'simulated' });
  });

  it('leaves alone what was configured already', () => {
    const own = { postgres: false, redis: false, temporal: false };
    expect(workerEnvironment({ addresses, own, temporal, simulator: undefined })).toEqual({
      MALLOC_ARENA_MAX: '2',
    });
  });
});

describe('checks of the doctor', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['24.1.0', 'ok'],
    ['20.18.9', 'fail'],
    ['18.20.0', 'fail'],
  ])('Node %s is %s', (version, state) => {
    expect(checkNode(version).state).toBe(state);
  });

  it.each([
    [1e8, 'fail'],
    [1e9, 'warn'],
    [1e11, 'ok'],
  ])('%d free bytes are %s', (bytes, state) => {
    expect(judgeSpace(bytes, '/data').state).toBe(state);
  });

  it('judge the table and the source', () => {
    expect(checkTable({ table: 'hypertable', timescale: 'installed' }).state).toBe('ok');
    expect(checkTable({ table: 'plain', timescale: 'absent' }).state).toBe('ok');
    expect(checkTable({ table: 'plain', timescale: 'available' }).state).toBe('warn');
    expect(checkSource(undefined, 'bybit').state).toBe('ok');
    expect(checkSource('bybit', 'bybit').state).toBe('ok');
    expect(checkSource('simulated', 'bybit').state).toBe('warn');
  });

  it('are lines', () => {
    const checks = [{ name: 'Node', state: 'ok', text: '24.1.0' }] as const;
    expect(checkLines(checks, PLAIN)).toEqual(['ok    Node            24.1.0']);
  });
});

describe('texts', () => {
  it('of an upgrade name each migration and the table', () => {
    const hypertable = { table: 'plain', reason: undefined } as const;
    expect(upgradeLines({ applied: ['1_a', '2_b'], hypertable })).toEqual([
      'applied migration 1_a',
      'applied migration 2_b',
      'ohlcv is an ordinary table (TimescaleDB is not installed)',
    ]);
    expect(upgradeLines({ applied: [], hypertable })[0]).toBe('the database schema is up to date');
  });

  it('link to a run whose id holds slashes', () => {
    const run = { workflowId: 'backfill/bybit/A+B', runId: 'r' };
    expect(runLink({ uiUrl: 'http://127.0.0.1:8233', namespace: 'default' }, run)).toBe(
      'http://127.0.0.1:8233/namespaces/default/workflows/backfill%2Fbybit%2FA%2BB/r',
    );
    expect(runLink({ uiUrl: undefined, namespace: 'default' }, run)).toBeUndefined();
  });
});
