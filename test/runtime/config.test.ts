import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WrongUse } from '../../domain/failure.js';
import { loadConfig, type Config } from '../../runtime/config.js';
import { StackFileError, type StackFile } from '../../runtime/stack-file.js';

type Env = Record<string, string>;

const STACK: StackFile = {
  version: 1,
  mode: 'simulated',
  ready: true,
  owner: { pid: 1, started: '' },
  startedAt: '2026-02-01T00:00:00Z',
  postgres: { host: '127.0.0.1', port: 15432, user: 'stack', password: 'pw', database: 'stackdb' },
  redis: { host: '127.0.0.1', port: 16379 },
  temporal: { address: '127.0.0.1:17233', namespace: 'default', uiUrl: 'http://127.0.0.1:18233' },
  simulator: { restUrl: 'http://127.0.0.1:8900', wsUrl: 'ws://127.0.0.1:8900/v5/public/spot' },
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'm1-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function load(env: Env, stack?: StackFile): Config {
  return loadConfig({ env: { HOME: folder, ...env }, folder, readStack: () => stack });
}

function faultOf(env: Env): string {
  try {
    load(env);
  } catch (error) {
    expect(error).toBeInstanceOf(WrongUse);
    return (error as Error).message;
  }
  throw new Error('no fault was found');
}

describe('sources of a server', () => {
  it('takes the defaults when nothing names a server', () => {
    const config = load({});
    expect(config.postgres).toMatchObject({ host: 'localhost', port: 5432, origin: 'default' });
    expect(config.redis).toMatchObject({ host: 'localhost', port: 6379, db: 0, origin: 'default' });
    expect(config.temporal).toMatchObject({
      address: 'localhost:7233',
      namespace: 'default',
      origin: 'default',
    });
    expect(config.venue).toMatchObject({
      restUrl: 'https://api.bybit.com',
      source: 'bybit',
      rateLimit: 570,
      banWaitMs: 600_000,
    });
    expect(config.gapReaskMs).toEqual([300_000, 86_400_000]);
    expect(config.retentionMs.size).toBe(0);
  });

  it('takes the running stack when the environment names no server', () => {
    const config = load({}, STACK);
    expect(config.postgres).toMatchObject({ port: 15432, user: 'stack', origin: 'm1 up' });
    expect(config.redis).toMatchObject({ port: 16379, db: 0, origin: 'm1 up' });
    expect(config.temporal).toMatchObject({
      address: '127.0.0.1:17233',
      uiUrl: 'http://127.0.0.1:18233',
      origin: 'm1 up',
    });
    expect(config.venue).toMatchObject({ restUrl: 'http://127.0.0.1:8900', source: 'simulated' });
    expect(config.stackMode).toBe('simulated');
  });

  it('never mixes the settings of two servers', () => {
    const { postgres } = load({ POSTGRES_PORT: '6000' }, STACK);
    expect(postgres).toMatchObject({ host: 'localhost', port: 6000, user: 'm1', database: 'm1' });
    expect(postgres.password).toBeUndefined();
    expect(load({ TEMPORAL_NAMESPACE: 'n' }, STACK).temporal).toMatchObject({
      address: 'localhost:7233',
      namespace: 'n',
    });
  });

  it('takes the address of the Web UI from the variable, whatever else is known', () => {
    const uiUrl = (values: Record<string, string>): string | undefined =>
      load(values, STACK).temporal.uiUrl;
    expect(uiUrl({ TEMPORAL_ADDRESS: 'temporal:7233' })).toBeUndefined();
    const TEMPORAL_UI_URL = 'https://temporal.example/ui/';
    const shown = 'https://temporal.example/ui';
    expect(uiUrl({ TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_UI_URL })).toBe(shown);
    expect(uiUrl({ TEMPORAL_UI_URL })).toBe(shown);
  });

  it('decides for each server by itself', () => {
    const config = load({ REDIS_HOST: 'redis.example' }, STACK);
    expect(config.redis).toMatchObject({ host: 'redis.example', origin: 'environment' });
    expect(config.postgres.origin).toBe('m1 up');
  });

  it('keeps the simulator away from a database that the environment names', () => {
    const { venue } = load({ POSTGRES_HOST: 'db.example' }, STACK);
    expect(venue).toMatchObject({ restUrl: 'https://api.bybit.com', source: 'bybit' });
  });

  it('puts the environment before .env, variable by variable', () => {
    writeFileSync(
      path.join(folder, '.env'),
      'POSTGRES_HOST=file\nPOSTGRES_USER=file\nREDIS_DB=3\n',
    );
    const config = load({ POSTGRES_HOST: 'shell' }, STACK);
    expect(config.postgres).toMatchObject({ host: 'shell', user: 'file', origin: 'environment' });
    expect(config.redis).toMatchObject({ db: 3, origin: '.env' });
  });

  it('counts an empty value as not set', () => {
    writeFileSync(path.join(folder, '.env'), 'POSTGRES_HOST=\nTEMPORAL_ADDRESS=\nREDIS_HOST= \n');
    const config = load({ POSTGRES_USER: '', METRICS_PORT: '  ', BYBIT_TESTNET: '' }, STACK);
    expect(config.postgres.origin).toBe('m1 up');
    expect(config.redis.origin).toBe('m1 up');
    expect(config.temporal.origin).toBe('m1 up');
    expect(config.metricsPort).toBeUndefined();
  });

  it('does not change the environment of the process', () => {
    writeFileSync(path.join(folder, '.env'), 'M1_TEST_LEAK=1\n');
    load({});
    expect(process.env['M1_TEST_LEAK']).toBeUndefined();
  });

  it('reads a Temporal profile', () => {
    const file = path.join(folder, 'temporal.toml');
    writeFileSync(
      file,
      '[profile.prod]\naddress = "cloud:7233"\nnamespace = "ns"\napi_key = "k"\n',
    );
    const { temporal } = load({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'prod' }, STACK);
    expect(temporal).toMatchObject({ address: 'cloud:7233', namespace: 'ns', uiUrl: undefined });
    expect(temporal.connectionOptions).toMatchObject({ apiKey: 'k', tls: true });
  });
});

describe('the label of the venue', () => {
  it.each<[Env, string]>([
    [{}, 'bybit'],
    [{ BYBIT_TESTNET: 'true' }, 'bybit-testnet'],
    [{ BYBIT_REST_URL: 'http://127.0.0.1:1' }, 'override'],
    [{ BYBIT_WS_URL: 'ws://127.0.0.1:1/x' }, 'override'],
    [{ BYBIT_TESTNET: 'true', BYBIT_REST_URL: 'http://127.0.0.1:1' }, 'override'],
    [{ BYBIT_REST_URL: 'http://127.0.0.1:1', BYBIT_SOURCE: 'simulated' }, 'simulated'],
  ])('%j gives %s', (env, source) => {
    expect(load(env).venue.source).toBe(source);
  });

  it('uses the testnet of both REST and stream', () => {
    expect(load({ BYBIT_TESTNET: 'true' }).venue).toMatchObject({
      restUrl: 'https://api-testnet.bybit.com',
      wsUrl: 'wss://stream-testnet.bybit.com/v5/public/spot',
    });
  });

  it.each<[string, string | undefined, boolean]>([
    ['http://127.0.0.1:8901', undefined, true],
    ['https://bybit.com.example.org', undefined, true],
    ['https://notbybit.com', undefined, true],
    ['http://127.0.0.1:8901', 'ws://127.0.0.1:8901/v5/public/spot', false],
    ['https://api.bybit.nl', undefined, false],
    ['https://api.bytick.com', undefined, false],
    ['https://api.bybit-tr.com/base', undefined, false],
  ])('no stream beside the candles of another host: %s, %s', (rest, stream, refused) => {
    const env = { BYBIT_REST_URL: rest, ...(stream && { BYBIT_WS_URL: stream }) };
    const { streamRefusal } = load(env).venue;
    expect(streamRefusal !== undefined).toBe(refused);
    if (refused) expect(streamRefusal).toMatch(/^the stream is refused: .*BYBIT_WS_URL.*$/);
    expect(load({}).venue.streamRefusal).toBeUndefined();
  });

  it.each([
    ['https://api-testnet.bybit.com', '', /from ByBit itself: .*, or BYBIT_TESTNET=true$/],
    ['https://api-testnet.bybit.com', 'true', undefined],
    ['https://api.bybit.com', 'true', /from ByBit's test network: .*, or BYBIT_TESTNET=false$/],
  ])(
    'no stream of one network beside candles of the other: %s, testnet %j',
    (rest, testnet, why) => {
      const { streamRefusal } = load({ BYBIT_REST_URL: rest, BYBIT_TESTNET: testnet }).venue;
      if (why === undefined) expect(streamRefusal).toBeUndefined();
      else expect(streamRefusal).toMatch(why);
    },
  );

  it.each<[string, Record<string, string>, RegExp | undefined]>([
    [
      'ws://127.0.0.1:8901/v5',
      {},
      /^the stream is refused: live prices .* set BYBIT_REST_URL as well, or unset BYBIT_WS_URL$/,
    ],
    ['wss://stream.bybit.com.example.org/v5', {}, /or unset BYBIT_WS_URL$/],
    ['wss://stream-testnet.bybit.com/v5', {}, /or BYBIT_TESTNET=true$/],
    ['wss://stream.bybit.com/v5', { BYBIT_TESTNET: 'true' }, /or BYBIT_TESTNET=false$/],
    ['wss://stream-testnet.bybit.com/v5', { BYBIT_TESTNET: 'true' }, undefined],
    ['wss://stream.bybit.kz/v5', {}, undefined],
    ['wss://proxy/v5', { BYBIT_REST_URL: 'https://api.bybit.com' }, undefined],
  ])("no stream of another host beside ByBit's candles: %s, %j", (stream, env, why) => {
    const { streamRefusal } = load({ BYBIT_WS_URL: stream, ...env }).venue;
    if (why === undefined) expect(streamRefusal).toBeUndefined();
    else expect(streamRefusal).toMatch(why);
  });

  it('drops the slash at the end of a base URL', () => {
    expect(load({ BYBIT_REST_URL: 'https://proxy/bybit/' }).venue.restUrl).toBe(
      'https://proxy/bybit',
    );
  });
});

describe('faults', () => {
  it.each<[string, string]>([
    ['POSTGRES_PORT', '0'],
    ['POSTGRES_PORT', '65536'],
    ['POSTGRES_PORT', '5432x'],
    ['REDIS_PORT', '-1'],
    ['REDIS_DB', '1.5'],
    ['BYBIT_RATE_LIMIT', '0'],
    ['BYBIT_RATE_LIMIT', '601'],
    ['BYBIT_BAN_WAIT', '10'],
    ['BYBIT_TESTNET', 'maybe'],
    ['BYBIT_REST_URL', 'api.bybit.com'],
    ['BYBIT_WS_URL', 'https://x'],
    ['BYBIT_SOURCE', 'two words'],
    ['GAP_REASK', '1d,5m'],
    ['GAP_REASK', '5m,'],
    ['RETENTION', '5m'],
    ['RETENTION', '2m=30d'],
    ['RETENTION', '5m=30d,5m=40d'],
    ['RETENTION', '5m=1h'],
    ['METRICS_PORT', 'off'],
    ['DASHBOARD_PORT', '99999'],
    ['ALERT_WEBHOOK_URL', 'ftp://x'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'xml'],
  ])('%s=%s is refused', (name, value) => {
    expect(faultOf({ [name]: value })).toContain(name);
  });

  it('come all in one line', () => {
    const fault = faultOf({ POSTGRES_PORT: 'x', LOG_LEVEL: 'y', TEMPORAL_PROFILE: 'absent' });
    expect(fault).toContain('POSTGRES_PORT');
    expect(fault).toContain('LOG_LEVEL');
    expect(fault).toContain('Temporal');
    expect(fault).not.toContain('\n');
  });

  it('never show a secret', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{12}$/),
        fc.constantFrom('BYBIT_REST_URL', 'BYBIT_WS_URL', 'ALERT_WEBHOOK_URL'),
        (secret, name) => {
          expect(faultOf({ [name]: `bad://user:${secret}@host` })).not.toContain(secret);
          const others = {
            BYBIT_API_SECRET: secret,
            POSTGRES_PASSWORD: secret,
            REDIS_PASSWORD: secret,
            DASHBOARD_TOKEN: secret,
          };
          expect(faultOf({ ...others, LOG_LEVEL: 'bad' })).not.toContain(secret);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('include a damaged file of m1 up', () => {
    const readStack = (): StackFile => {
      throw new StackFileError('stack.json is damaged: run m1 down, then m1 up');
    };
    expect(() => loadConfig({ env: {}, folder, readStack })).toThrow('stack.json is damaged');
  });

  it('include a .env that cannot be read', () => {
    mkdirSync(path.join(folder, '.env'));
    expect(faultOf({})).toContain('.env cannot be read');
  });
});

describe('RETENTION', () => {
  it('is read by timeframe', () => {
    expect([...load({ RETENTION: '5m=30d, 1h=365d' }).retentionMs]).toEqual([
      ['5m', 30 * 86_400_000],
      ['1h', 365 * 86_400_000],
    ]);
    expect(load({ RETENTION: 'none' }).retentionMs.size).toBe(0);
  });
});
