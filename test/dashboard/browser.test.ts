import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../../runtime/free-port.js';
import { cloneRoot } from '../../runtime/stack-file.js';
import { startCollector, type Collector } from '../integration/collector.js';
import { startStream, stopStream } from '../integration/streaming.js';
import { openChromium } from './chromium.js';

const SYMBOLS = ['BTCUSDT', 'DOGEUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'];
const SETTLE_MS = 20_000;

/** So slow that there is time to pause it: about fifteen seconds for the backfill. */
const RATE_LIMIT = '30';

let collector: Collector;
let dashboard: ChildProcess;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  collector = await startCollector({ env: { BYBIT_RATE_LIMIT: RATE_LIMIT } });
  const [url] = await Promise.all([startDashboardProcess(), collector.startWorker()]);
  browser = await openChromium();
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    baseURL: url,
  });
  page = await context.newPage();
  page.setDefaultTimeout(SETTLE_MS);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
});

afterAll(async () => {
  await browser.close();
  const ended = once(dashboard, 'exit');
  dashboard.kill();
  expect(await ended).toEqual([0, null]);
  await collector.close();
});

it('collects, watches, steers and repairs from an empty system', async () => {
  // one page of BTCUSDT comes with a hole that an answer later has
  collector.simulator.faults.add({
    match: { endpoint: 'kline', symbol: 'BTCUSDT', interval: '5' },
    effect: { kind: 'missingRows', rows: 3 },
    times: 1,
  });
  await page.goto('/');
  await page.getByText('Nothing is stored yet.').waitFor();
  await page.getByRole('link', { name: 'Start a backfill' }).click();

  await startBackfill();
  const run = page.locator('.run').filter({ hasText: 'backfill/bybit/' });
  await steer(run.first());

  await page.getByRole('link', { name: 'Coverage' }).click();
  await page.locator('.grid-canvas canvas').first().waitFor();
  const early = await shareComplete();
  await expect.poll(shareComplete, { timeout: SETTLE_MS }).toBeGreaterThan(early);
  await page.getByRole('link', { name: 'Runs' }).click();
  await page.locator('table.ended').getByText('completed').waitFor();

  await repairTheHole();
  await watchTheMarket();

  await page.getByRole('link', { name: 'Health' }).click();
  await page.getByText('Temporal').first().waitFor();
  await picture('health');
  expect(complaints).toEqual([]);
}, 60_000);

it('steers by keyboard alone, and tells no pace that nobody knows', async () => {
  const run = { workflowId: 'backfill/x', runId: '1', kind: 'backfill', startedAtMs: Date.now() };
  const counts = { symbolsTotal: 5, symbolsDone: 1, candles: 1, plannedCandles: 5, requests: 1 };
  const progress = { ...counts, share: 0.2, failed: [], retrying: [] };
  let known: object = { phase: 'running', actions: ['pause', 'cancel'], progress };
  const answer = (): object => ({ json: { runs: [{ ...run, status: 'running', ...known }] } });
  await page.route('**/api/runs', (route) => route.fulfill(answer()));
  await page.route('**/api/runs/*/pause', (route) => {
    known = { phase: 'paused', actions: ['resume', 'cancel'], progress };
    return route.fulfill({ status: 202, json: {} });
  });
  await page.goto('/#/runs');
  const numbers = page.locator('.run .numbers');
  await expect.poll(() => numbers.textContent(), { timeout: SETTLE_MS }).toContain('candles/s');
  await page.getByRole('button', { name: 'Pause' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  expect(await page.locator(':focus').textContent()).toBe('Resume');
  expect(await numbers.textContent()).toMatch(/^20 % · 1 of 5 symbols .* 1 request$/);
  known = { actions: ['cancel'], details: 'no worker is running' };
  await expect.poll(() => numbers.textContent(), { timeout: SETTLE_MS }).toBe('');
  await page.unrouteAll();
  expect(complaints).toEqual([]);
});

it('calls a series behind as late as the alert does', async () => {
  const health = {
    ...{ servers: [], workers: 1, openGaps: [], outsideCandles: 0 },
    budget: { used: 0, limit: 570 },
    lag: [
      { timeframe: '5m', behindMs: 12 * 60_000, series: 1 },
      { timeframe: '15m', behindMs: 32 * 60_000 + 1, series: 1 },
    ],
  };
  await page.route('**/api/health', (route) => route.fulfill({ json: health }));
  await page.goto('/#/health');
  const slowest = (timeframe: string) => page.locator('tr', { hasText: timeframe });
  await slowest('15m').locator('.badge[data-kind=warn]').waitFor();
  await slowest('5m').first().locator('.badge[data-kind=good]').waitFor();
  await page.unrouteAll();
});

it('fits a phone, in the dark, by keyboard alone', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 740 });
  for (const view of ['Coverage', 'Candles', 'Tickers', 'Runs', 'Health']) {
    await page.goto('/');
    await tabTo(view);
    await page.keyboard.press('Enter');
    await page.locator('a[aria-current=page]', { hasText: view }).waitFor();
    // what has no room scrolls in a frame of its own
    expect(await page.evaluate<number>('document.documentElement.scrollWidth'), view).toBe(360);
    // but what a run came to is read without that
    if (view === 'Runs') {
      await page.locator('.ended .wide', { hasText: 'candles' }).first().waitFor();
      expect(await page.evaluate<number>(HIDDEN_WIDTH)).toBe(0);
    }
  }
  await picture('phone');
  expect(await page.evaluate<number>(BRIGHTNESS)).toBeLessThan(60);
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await page.evaluate<number>(BRIGHTNESS)).toBeGreaterThan(200);
  expect(complaints).toEqual([]);
});

/** Runs in the page: how much of the ended runs is out of sight to the right, px. */
const HIDDEN_WIDTH = `(() => {
  const frame = document.querySelector('.table-frame:has(.ended)');
  return frame.scrollWidth - frame.clientWidth;
})()`;

/** Runs in the page: of its background, 0 to 255. */
const BRIGHTNESS = `(() => {
  const parts = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
  return Math.max(...parts.slice(0, 3));
})()`;

/** Moves the focus as somebody without a mouse does. */
async function tabTo(name: string): Promise<void> {
  const wanted = page.getByRole('link', { name, exact: true });
  await wanted.waitFor();
  for (let presses = 0; presses < 10; presses++) {
    await page.keyboard.press('Tab');
    if ((await page.locator(':focus').textContent()) === name) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}

async function startBackfill(): Promise<void> {
  await page.getByRole('radio', { name: 'these' }).check();
  await page.getByRole('textbox', { name: 'Symbols' }).fill(SYMBOLS.join(' '));
  await page.getByRole('spinbutton', { name: 'Days' }).fill('30');
  expect(await focusWhileAsking('Start the backfill', '**/api/backfills')).toBe(
    'Start the backfill',
  );
  await page.keyboard.press('Enter');
  await page.getByText(/^Started backfill/).waitFor();
}

async function steer(run: ReturnType<Page['locator']>): Promise<void> {
  const phase = (text: string) => run.locator('.badge', { hasText: text }).waitFor();
  await phase('running');
  await run.getByRole('button', { name: 'Pause' }).click();
  await phase('paused');
  await run.getByRole('button', { name: 'Resume' }).click();
  await phase('running');
  await run.locator('.numbers', { hasText: 'of 5 symbols' }).waitFor();
  await picture('runs');
}

/** Runs in the page. */
const SHARE_COMPLETE = `(() => {
  const wanted = document.createElement('canvas').getContext('2d');
  const styles = getComputedStyle(document.documentElement);
  wanted.fillStyle = styles.getPropertyValue('--shade-complete').trim();
  wanted.fillRect(0, 0, 1, 1);
  const [red, green, blue] = wanted.getImageData(0, 0, 1, 1).data;
  let [count, all] = [0, 1];
  for (const canvas of document.querySelectorAll('.grid-canvas canvas')) {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    all += data.length / 4;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] === red && data[i + 1] === green && data[i + 2] === blue) count++;
    }
  }
  return count / all;
})()`;

/** How much of the heatmap has the colour of whole days, 0 to 1. */
function shareComplete(): Promise<number> {
  return page.evaluate<number>(SHARE_COMPLETE);
}

async function repairTheHole(): Promise<void> {
  await page.getByRole('link', { name: 'Coverage' }).click();
  const grid = page.getByRole('application');
  await grid.focus();
  await picture('coverage');
  // the first row is BTCUSDT; the hole is somewhere in its month
  await page.keyboard.press('Home');
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+End');
  await page.keyboard.press('Enter');
  const details = page.getByRole('complementary', { name: 'Selected days' });
  await details.getByText('BTCUSDT unconfirmed').waitFor();
  expect(await focusWhileAsking('Repair …', '**/api/repairs')).toBe('Repair …');
  await page.keyboard.press('Enter');
  await details.getByText(/^1 gap, 3 candles: 1 request/).waitFor();
  await picture('repair');
  expect(await focused()).toBe('Repair now');
  await page.keyboard.press('Enter');
  await details.getByText('1 gap closed.').waitFor();
  expect(await focused()).toBe('Repair …');
  await details.getByText('None.', { exact: true }).waitFor();
  const states = details.locator('.shade-counts');
  await expect
    .poll(() => states.textContent(), { timeout: SETTLE_MS })
    .not.toContain('unconfirmed');
  await details.getByRole('button', { name: 'Close' }).focus();
  await page.keyboard.press('Enter');
  await details.waitFor({ state: 'hidden' });
  expect(await page.locator(':focus').getAttribute('role')).toBe('application');
}

/** Runs in the page: what the focus is on once the page is drawn again. */
const FOCUSED = `new Promise((resolve) => {
  const tell = () => resolve(document.activeElement.textContent);
  requestAnimationFrame(() => requestAnimationFrame(tell));
})`;

function focused(): Promise<string> {
  return page.evaluate<string>(FOCUSED);
}

/** Presses a button by key, whose answer is lost then. */
async function focusWhileAsking(name: string, address: string): Promise<string> {
  let meanwhile = '';
  await page.route(
    address,
    async (route) => {
      meanwhile = await focused();
      await route.fulfill({ body: 'no JSON' });
    },
    { times: 1 },
  );
  await page.getByRole('button', { name }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('The server does not answer: try again').waitFor();
  return meanwhile;
}

async function watchTheMarket(): Promise<void> {
  await page.getByRole('link', { name: 'Tickers' }).click();
  await page.getByText('connected, no prices arrive').waitFor();
  await startStream(collector, ['--symbol', SYMBOLS.join(',')]);
  await page.locator('.badge', { hasText: /^live$/ }).waitFor();
  const price = page.locator('tr', { hasText: 'BTCUSDT' }).locator('[data-column=lastPrice]');
  const before = await price.textContent();
  await expect.poll(() => price.textContent(), { timeout: SETTLE_MS }).not.toBe(before);
  await picture('tickers');
  // an answer that is lost is asked for again
  const lost = { body: 'no JSON' };
  await page.route(/\/api\/candles\?/, (route) => route.fulfill(lost), { times: 1 });
  await page.getByRole('link', { name: 'BTCUSDT' }).click();
  await page.getByLabel(/^BTCUSDT 5m, \d+ candles/).waitFor();
  await page.locator('.chart canvas').first().waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  await picture('candles');
  await page.getByRole('combobox', { name: 'Symbol' }).fill('nope');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing is stored of NOPE.').waitFor();
  await stopStream(collector);
}

/** Into the documentation when asked for, so that a test run leaves no trace in the tree. */
const folder =
  process.env['UPDATE_IMAGES'] === '1'
    ? path.join(cloneRoot(), 'docs/images')
    : mkdtempSync(path.join(tmpdir(), 'm1-images-'));

async function picture(name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `dashboard-${name}.png`) });
}

async function startDashboardProcess(): Promise<string> {
  const port = await freePort();
  dashboard = collector.spawnM1(['dashboard'], { DASHBOARD_PORT: String(port) });
  if (dashboard.stdout === null) throw new Error('the dashboard has no stdout');
  for await (const line of createInterface({ input: dashboard.stdout })) {
    const url = /^dashboard: (http:\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the dashboard ended');
}
