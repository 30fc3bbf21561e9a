import { describe, expect, test } from 'vitest';
import { GiveUpRun, GiveUpSymbol, RetrySoon, WaitUntil } from '../../domain/failure.js';
import {
  CDN_403,
  ENVELOPE_TIME_MS,
  HTML_PAGE,
  KLINE_ROWS,
  failure,
  klines,
  listing,
  success,
} from './envelopes.js';
import { always } from './scripted-server.js';
import { BAN_WAIT_MS, LOCAL_NOW_MS, thrownBy, venueAgainst } from './venue-under-test.js';

interface Case {
  readonly name: string;
  readonly status?: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly says?: RegExp;
}

interface WaitCase extends Case {
  readonly waitMs: number;
}

async function failureOfPage({ status = 200, body, headers = {} }: Case): Promise<unknown> {
  const { page, budget } = await venueAgainst(always(status, body, headers));
  const error = await thrownBy(page());
  expect(budget.settled).toEqual([1]);
  return error;
}

function expectOneLine(error: unknown): void {
  const { message } = error as Error;
  expect(message).toMatch(/^[\x20-\x7e]+$/);
  expect(message.length).toBeLessThan(450);
  expect(message).toContain('kline BTCUSDT 1h');
}

const row = (...cells: readonly unknown[]): string => klines([cells]);
const [opened = '', ...values] = KLINE_ROWS[0] ?? [];

const RETRY_SOON: readonly Case[] = [
  ...[500, 502, 503, 504, 408, 425].map((status) => ({
    name: `HTTP ${status}`,
    status,
    body: HTML_PAGE,
    says: new RegExp(`HTTP ${status}, body: <html>`),
  })),
  { name: 'HTTP 503 with a good page', status: 503, body: klines() },
  { name: 'HTML in a 200', body: HTML_PAGE, says: /not ByBit's JSON.*We will be back/ },
  { name: 'empty body in a 200', body: '', says: /empty body/ },
  { name: 'truncated JSON', body: klines().slice(0, -40) },
  { name: 'a JSON string', body: '"maintenance"' },
  { name: 'a JSON array', body: '[]' },
  { name: 'null', body: 'null' },
  { name: 'no retCode', body: '{}' },
  { name: 'retCode as text', body: '{"retCode":"0","result":{"list":[]},"time":1683473000500}' },
  { name: 'retCode 10016', body: failure(10016, 'System error. Please try again later.') },
  { name: 'retCode 10000', body: failure(10000, 'Server Timeout') },
  { name: 'retCode 10002', body: failure(10002, 'request time exceeds window') },
  { name: 'retCode -1', body: failure(-1, 'request expired') },
  {
    name: 'unknown retCode',
    body: failure(987654, 'new trouble', null),
    says: /987654 new trouble/,
  },
  { name: 'result null', body: success(null) },
  { name: 'result an array', body: success([]) },
  { name: 'no time', body: success({ category: 'spot', symbol: 'BTCUSDT', list: [] }, null) },
  { name: 'time as text', body: success({ category: 'spot', symbol: 'BTCUSDT', list: [] }, '1') },
  { name: 'list null', body: klines(null) },
  { name: 'no list', body: success({ category: 'spot', symbol: 'BTCUSDT' }) },
  { name: 'list an object', body: klines({}) },
  { name: 'another symbol', body: klines(undefined, 'ETHUSDT') },
  {
    name: 'another category',
    body: success({ category: 'linear', symbol: 'BTCUSDT', list: [] }),
  },
  { name: 'a row of five columns', body: row(opened, '1', '1', '1', '1') },
  { name: 'a row that is no array', body: klines([{ open: '1' }]) },
  { name: 'a price that is no number', body: row(opened, 'x', ...values.slice(1)) },
  { name: 'a blank price', body: row(opened, ' ', ...values.slice(1)) },
  { name: 'a negative price', body: row(opened, '-1', ...values.slice(1)) },
  { name: 'a turnover that is no number', body: row(opened, ...values.slice(0, 5), 'NaN') },
  { name: 'an open time off the grid', body: row(String(Number(opened) + 1), ...values) },
  { name: 'an open time that is no number', body: row('', ...values) },
  {
    name: 'two candles of one open time',
    body: klines([KLINE_ROWS[0], [opened, '28959.95', ...values.slice(1)]]),
    says: /two different candles of 2023-05-07T12:00:00.000Z/,
  },
];

describe('RetrySoon', () => {
  test.each(RETRY_SOON)('$name', async (scripted) => {
    const error = await failureOfPage(scripted);
    expect(error).toBeInstanceOf(RetrySoon);
    expect((error as Error).message).toMatch(scripted.says ?? /./);
    expectOneLine(error);
  });
});

const resetIn = (ms: number): Readonly<Record<string, string>> => ({
  'X-Bapi-Limit': '100',
  'X-Bapi-Limit-Status': '0',
  'X-Bapi-Limit-Reset-Timestamp': String(ENVELOPE_TIME_MS + ms),
});

const tooMany = failure(10006, 'Too many visits!');
const date = 'Sun, 07 May 2023 15:23:20 GMT';

const WAIT_UNTIL: readonly WaitCase[] = [
  { name: '10006 until its reset', body: tooMany, headers: resetIn(730), waitMs: 730 },
  {
    name: '10018 until its reset',
    body: failure(10018, 'IP limit'),
    headers: resetIn(90),
    waitMs: 90,
  },
  { name: '10006 without a header', body: tooMany, waitMs: 1000 },
  { name: '10006 with a past reset', body: tooMany, headers: resetIn(-9000), waitMs: 50 },
  { name: '10006 with a far reset', body: tooMany, headers: resetIn(9e9), waitMs: 60_000 },
  {
    name: '10006 with a garbled header',
    body: tooMany,
    headers: { 'X-Bapi-Limit-Reset-Timestamp': 'soon' },
    waitMs: 1000,
  },
  {
    name: '10006 without a time, against Date',
    body: '{"retCode":10006,"retMsg":"Too many visits!"}',
    headers: { date, 'X-Bapi-Limit-Reset-Timestamp': String(Date.parse(date) + 2000) },
    waitMs: 2000,
  },
  { name: 'HTTP 429', status: 429, body: HTML_PAGE, waitMs: 5000 },
  {
    name: 'HTTP 429 with seconds',
    status: 429,
    body: '',
    headers: { 'Retry-After': '7' },
    waitMs: 7000,
  },
  {
    name: 'HTTP 429 with a date',
    status: 429,
    body: '',
    headers: { date, 'Retry-After': 'Sun, 07 May 2023 15:23:29 GMT' },
    waitMs: 9000,
  },
  { name: 'retCode 429', body: failure(429, 'trading service under load'), waitMs: 5000 },
  { name: '10006 in a 400', status: 400, body: tooMany, headers: resetIn(300), waitMs: 300 },
];

describe('WaitUntil', () => {
  test.each(WAIT_UNTIL)('$name', async (scripted) => {
    const error = await failureOfPage(scripted);
    expect(error).toBeInstanceOf(WaitUntil);
    const { untilMs, ban } = error as WaitUntil;
    expect({ waitMs: untilMs - LOCAL_NOW_MS, ban }).toEqual({
      waitMs: scripted.waitMs,
      ban: false,
    });
    expectOneLine(error);
  });

  test.each([
    { name: 'JSON', body: failure(10006, 'Access too frequent.', null) },
    { name: 'text', body: 'access too frequent' },
    { name: 'the other text', body: '403 Forbidden: Too Many Visits' },
  ])('a ban of the whole IP: $name', async ({ body }) => {
    const { page, budget } = await venueAgainst(always(403, body));
    const error = await thrownBy(page());
    const untilMs = LOCAL_NOW_MS + BAN_WAIT_MS;
    expect(error).toMatchObject({ name: 'WaitUntil', untilMs, ban: true });
    expect(budget.bans).toEqual([untilMs]);
    expect(budget.settled).toEqual([1]);
    expectOneLine(error);
  });

  test('a ban counts also when it cannot be recorded', async () => {
    const { page, budget } = await venueAgainst(always(403, 'access too frequent'));
    budget.ban = () => Promise.reject(new Error('Redis is away'));
    const error = await thrownBy(page());
    expect(error).toMatchObject({ name: 'WaitUntil', ban: true });
    expect((error as Error).message).toContain('could not be recorded: Redis is away');
  });
});

describe('GiveUpSymbol', () => {
  test.each<Case>([
    { name: '10001 spot', body: failure(10001, 'Not supported symbols') },
    { name: '10001 linear kline', body: failure(10001, 'params error: Symbol Is Invalid') },
    { name: '10001 linear tickers', body: failure(10001, 'params error: symbol invalid', null) },
    { name: '10029', body: failure(10029, 'whitelist') },
    { name: '10001 in a 400', status: 400, body: failure(10001, 'Not supported symbols') },
  ])('$name', async (scripted) => {
    const error = await failureOfPage(scripted);
    expect(error).toBeInstanceOf(GiveUpSymbol);
    expectOneLine(error);
  });
});

describe('GiveUpRun', () => {
  test.each<Case>([
    {
      name: '403 of the CDN',
      status: 403,
      body: CDN_403,
      says: /ByBit refuses this network \(HTTP 403 without its rate-limit text: region or CDN\); use another network, BYBIT_REST_URL for a permitted host, or m1 up --simulated/,
    },
    { name: '403 without a body', status: 403, body: '' },
    { name: '403 in JSON', status: 403, body: failure(10009, 'region') },
    ...[400, 401, 404, 405, 451, 302].map((status) => ({
      name: `HTTP ${status}`,
      status,
      body: HTML_PAGE,
      says: /check BYBIT_REST_URL/,
    })),
    { name: '10009', body: failure(10009, 'service is restricted'), says: /region.*restricted/ },
    { name: '10024', body: failure(10024, 'compliance rules'), says: /region/ },
    { name: '10017', body: failure(10017, 'Route not found'), says: /check BYBIT_REST_URL/ },
    {
      name: '10001 of our own fault',
      body: failure(10001, 'Invalid period!'),
      says: /Invalid period!/,
    },
  ])('$name', async (scripted) => {
    const error = await failureOfPage(scripted);
    expect(error).toBeInstanceOf(GiveUpRun);
    expect((error as Error).message).toMatch(scripted.says ?? /./);
    expectOneLine(error);
  });

  test.each([10001, 10029])('%i of a request without a symbol', async (code) => {
    const { venue } = await venueAgainst(always(200, failure(code, 'symbol invalid')));
    const error = await thrownBy(venue.turnovers({ budgetClass: 'upkeep' }));
    expect(error).toBeInstanceOf(GiveUpRun);
  });
});

test('an empty list is an empty page', async () => {
  const { page, budget } = await venueAgainst(always(200, klines([])));
  const { candles, skippedMs, venueTimeMs } = await page();
  expect(candles.openTimeMs).toHaveLength(0);
  expect(skippedMs).toEqual([]);
  expect(venueTimeMs).toBe(ENVELOPE_TIME_MS);
  expect(budget.settled).toEqual([1]);
});

test.each(['success', 'SUCCESS', '', undefined])('retMsg %j is as good as OK', async (retMsg) => {
  const body = { ...(JSON.parse(klines()) as object), retMsg };
  const { page } = await venueAgainst(always(200, JSON.stringify(body)));
  expect((await page()).candles.openTimeMs).toHaveLength(3);
});

test('a body is quoted in a few printable characters only', async () => {
  const body = `<p>\u001b[31m\u0000${'secret '.repeat(500)}</p>`;
  const { venue } = await venueAgainst(always(500, body));
  const error = (await thrownBy(venue.serverTimeMs({ budgetClass: 'upkeep' }))) as Error;
  expect(error.message).toMatch(/^ByBit failed time \(HTTP 500, body: [\x20-\x7e]{1,120}\)$/);
});

test('an empty listing is not believed', async () => {
  const { venue, budget } = await venueAgainst(always(200, listing([])));
  const options = { budgetClass: 'upkeep' } as const;
  expect(await thrownBy(venue.instruments(options))).toBeInstanceOf(RetrySoon);
  expect(await thrownBy(venue.turnovers(options))).toBeInstanceOf(RetrySoon);
  expect(budget.settled).toEqual([1, 1]);
});
