import { setTimeout as sleep } from 'node:timers/promises';
import { renderTable, type Column } from '../../cli/render/table.js';
import { choosePort, LOOPBACK } from '../../stack/ports.js';
import { waitUntilReady } from '../../stack/wait-until-ready.js';
import { createBenchDatabase } from '../bench-database.js';
import { loadNow } from '../machine.js';
import { startM1, workerVariables } from '../programs.js';
import { makeUpYear, PAIRS, SERIES, WHAT_THERE_IS } from '../series/made-up-year.js';
import { atMost, median } from '../statistics.js';
import type { Topic } from '../topic.js';

const AIM_SECONDS = 1;
const ROUNDS = 7;

/** Longer than a reading is shared, ms. */
const FORGET_MS = 5_100;

const READY_TIMEOUT_MS = 60_000;
const UNTIL_MS = Date.parse('2025-12-27T23:10:00Z');

const VIEWS = [
  'overview',
  'coverage?timeframe=5m&days=90',
  'coverage?timeframe=5m&days=365',
  'series',
  'candles?symbol=PAIR0USDT&timeframe=5m&limit=500',
  'runs',
  'health',
];

const right = (title: string): Column => ({ title, align: 'right' });

/** What somebody who looks at the dashboard waits for. */
export const DASHBOARD: Topic = {
  name: 'dashboard',
  about: `each view of the dashboard with a year of ${SERIES} series`,
  async run({ bed, signal, print, say }) {
    const database = await createBenchDatabase(bed.postgres, 'bench_dashboard');
    const port = await choosePort('any');
    const server = { database: database.address, simulatorUrl: `http://${LOOPBACK}:1` };
    const dashboard = await startM1(bed, ['dashboard'], {
      ...workerVariables(bed, { ...server, rateLimit: 570 }),
      DASHBOARD_PORT: String(port),
    });
    const url = `http://${LOOPBACK}:${port}`;
    try {
      await waitUntilReady(dashboard, {
        ports: [port],
        answers: async () => (await fetch(`${url}/`)).ok,
        timeoutMs: READY_TIMEOUT_MS,
        signal,
      });
      say(`dashboard: a year of ${SERIES} series`);
      const symbols = Array.from({ length: PAIRS }, (_, i) => `PAIR${i}USDT`);
      await makeUpYear(database.sql, symbols, UNTIL_MS);
      const load = loadNow();
      say('dashboard: views');
      const seconds = VIEWS.map((): number[] => []);
      const bytes = VIEWS.map(() => 0);
      for (let round = 0; round < ROUNDS; round++) {
        await sleep(FORGET_MS, undefined, { signal });
        for (const [i, view] of VIEWS.entries()) {
          const startedAt = performance.now();
          bytes[i] = (await read(`${url}/api/${view}`, signal)).length;
          seconds[i]?.push((performance.now() - startedAt) / 1000);
        }
      }
      for (const line of viewTable(seconds, bytes)) print(line);
      for (const line of ['', ...WHAT_THERE_IS]) print(line);
      print(`Load ${load} before, ${loadNow()} after.`);
    } finally {
      await dashboard.stop();
      await database.close();
    }
  },
};

async function read(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return text;
}

function viewTable(seconds: readonly (readonly number[])[], bytes: readonly number[]): string[] {
  const columns = [
    { title: 'view' },
    ...['median s', 'best s', 'worst s', 'kB'].map(right),
    { title: 'aim (worst)' },
  ];
  return renderTable(
    columns,
    VIEWS.map((view, i) => {
      const own = seconds[i] ?? [];
      const worst = Math.max(...own);
      return [
        view,
        ...[median(own), Math.min(...own), worst].map((value) => value.toFixed(3)),
        ((bytes[i] ?? 0) / 1000).toFixed(0),
        `${AIM_SECONDS} s: ${atMost(worst, AIM_SECONDS)}`,
      ];
    }),
  );
}
