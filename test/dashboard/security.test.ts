import { request } from 'node:http';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDashboard } from '../../dashboard/server.js';
import { runCaptured } from '../cli/captured.js';
import { freshRedis } from '../servers/fresh-redis.js';
import { configOf, emptyServers, serve, type Served, type Servers } from './served.js';

const TOKEN = 'a-token-of-somebody';

let servers: Servers;
let open: Served;
let locked: Served;

beforeAll(async () => {
  servers = await emptyServers(await freshRedis());
  [open, locked] = await Promise.all([serve(servers), serve(servers, { token: TOKEN })]);
});

afterAll(async () => {
  await Promise.all([open.close(), locked.close()]);
  await servers.database.drop();
});

/** With headers and paths that fetch would put right. */
function raw(
  path: string,
  headers: Record<string, string>,
  { url } = open,
): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
      );
    })
      .on('error', reject)
      .end();
  });
}

const BACKFILL = { symbols: ['BTCUSDT'], days: 1 };

describe('a change', () => {
  it.each([
    ['of another site', { origin: 'https://evil.example' }, 403],
    ['of another site that hides', { origin: 'null' }, 403],
    ['of another port', { origin: 'http://127.0.0.1:1' }, 403],
    ['that a browser calls cross-site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['that a browser calls same-site', { 'sec-fetch-site': 'same-site' }, 403],
    ['without the header', { 'x-m1-dashboard': '' }, 403],
    ['as a form sends it', { 'content-type': 'text/plain' }, 415],
  ])('%s is refused', async (_, headers: Record<string, string>, status) => {
    const answer = await open.post('/api/backfills', BACKFILL, headers);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error: expect.any(String) as string });
  });

  it('that proves nothing is refused', async () => {
    const { url } = open;
    const headers = { 'content-type': 'application/json', 'x-m1-dashboard': '1' };
    const body = JSON.stringify(BACKFILL);
    const answer = await fetch(`${url}/api/backfills`, { method: 'POST', headers, body });
    expect(answer.status).toBe(403);
  });

  it('is no other method', async () => {
    const headers = { origin: open.url, 'x-m1-dashboard': '1' };
    const answer = await fetch(`${open.url}/api/runs`, { method: 'DELETE', headers });
    expect(answer.status).toBe(405);
  });

  it.each([
    ['too long', `{"symbols":["${'A'.repeat(1_100_000)}"]}`, 413],
    ['no JSON', '{', 400],
    ['of another shape', { symbols: ['BTCUSDT'], top: 3 }, 400],
    ['with a field that nobody knows', { ...BACKFILL, dryRun: true }, 400],
    ['with HTML for a symbol', { symbols: ['<script>'] }, 400],
  ])('%s is refused in one line', async (_, body: unknown, status) => {
    const answer = await open.post('/api/backfills', body);
    expect(answer.status).toBe(status);
    const { error } = (await answer.json()) as { error: string };
    expect(error).not.toContain('\n');
    expect(error).not.toMatch(/\bat .*:\d+/);
  });
});

describe('the token', () => {
  it.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer a-token-of-somebodx' }],
    ['a part of it', { authorization: 'Bearer a-token' }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
  ])('%s is refused', async (_, headers: Record<string, string>) => {
    expect((await locked.get('/api/overview', headers)).status).toBe(401);
    expect((await locked.post('/api/backfills', BACKFILL, headers)).status).toBe(401);
  });

  it('opens the API, and is not needed for the page', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await locked.get('/api/overview', headers)).status).toBe(200);
    expect((await locked.get('/')).status).toBe(200);
  });

  it('is enough under the name of a proxy', async () => {
    const host = 'dashboard.example';
    const authorization = `Bearer ${TOKEN}`;
    expect((await raw('/', { host }, locked)).status).toBe(200);
    expect((await raw('/api/overview', { host }, locked)).status).toBe(401);
    expect((await raw('/api/overview', { host, authorization }, locked)).status).toBe(200);
    const foreign = { authorization, origin: `https://${host}` };
    expect((await locked.post('/api/backfills', BACKFILL, foreign)).status).toBe(403);
  });

  it('must be there on an address that others can reach', async () => {
    const env = { DASHBOARD_HOST: '0.0.0.0', M1_HOME: '/nowhere' };
    const { exitCode, stdout, stderr } = await runCaptured('dashboard', env);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^m1: others can reach the dashboard on 0\.0\.0\.0: [^\n]*\n$/);
  });
});

describe('the server', () => {
  it.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
  ])('refuses the name %j', async (host) => {
    expect((await raw('/', { host })).status).toBe(403);
    expect((await raw('/api/overview', { host })).status).toBe(403);
  });

  it('has other names of this machine', async () => {
    expect((await raw('/api/overview', { host: 'localhost:9000' })).status).toBe(200);
  });

  it.each([
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/main.js/../../server.js',
    '/....//package.json',
    '/main.js%00.html',
    '//etc/passwd',
    '/api/../../package.json',
  ])('gives nothing for %s', async (path) => {
    const { host } = new URL(open.url);
    const { status, body } = await raw(path, { host });
    expect(status).toBe(404);
    expect(body).toBe('{"error":"there is nothing here"}');
  });

  it('says what a browser may do with the page', async () => {
    const { headers } = await open.get('/');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect((await open.get('/api/overview')).headers.get('cache-control')).toBe('no-store');
  });

  it('refuses a port that is taken, in one line', async () => {
    const other: Server = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const config = configOf(servers, { port });
    await expect(startDashboard({ config, logger: { error: () => undefined } })).rejects.toThrow(
      `port ${port} of 127.0.0.1 is taken: set DASHBOARD_PORT to another one`,
    );
    const env = { DASHBOARD_PORT: String(port), M1_HOME: '/nowhere' };
    const { exitCode, stderr } = await runCaptured('dashboard', env);
    expect([exitCode, stderr.split('\n').length]).toEqual([1, 2]);
    other.close();
  });
});

describe('an id or a symbol', () => {
  const HOSTILE = `x'); drop table gap; --<img src=x onerror=alert(1)>`;

  it.each(['symbol', 'timeframe'])('with SQL and HTML as %s is refused', async (name) => {
    const query = new URLSearchParams({ symbol: 'BTCUSDT', timeframe: '5m', [name]: HOSTILE });
    const answer = await open.get(`/api/candles?${query.toString()}`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain('<img');
  });

  it('with SQL and HTML is no run', async () => {
    const answer = await open.post(`/api/runs/${encodeURIComponent(HOSTILE)}/cancel`, {});
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('<img');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });
});
