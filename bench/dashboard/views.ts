import { setTimeout as sleep } from 'node:timers/promises';
import { renderTable, type Column } from '../../cli/render/table.js';
import { LOOPBACK } from '../../stack/ports.js';
import { createBenchDatabase } from '../bench-database.js';
import { loadNow } from '../machine.js';
import { makeUpYear, PAIRS, SERIES, WHAT_THERE_IS } from '../series/made-up-year.js';
import { atMost, median } from '../statistics.js';
import type { TopicContext } from '../topic.js';
import { readView, startDashboard } from './dashboard-process.js';

const AIM_SECONDS = 1;
const ROUNDS = 7;

/** Longer than a reading is shared, ms. */
const FORGET_MS = 5_100;

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

/** What somebody who looks at 3,500 series waits for. */
export async function measureViews({ bed, signal, print, say }: TopicContext): Promise<void> {
  const database = await createBenchDatabase(bed.postgres, 'bench_dashboard');
  const dashboard = await startDashboard(bed, {
    database: database.address,
    simulatorUrl: `http://${LOOPBACK}:1`,
    rateLimit: 570,
    signal,
  });
  try {
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
        bytes[i] = (await readView(dashboard.url, view, signal)).length;
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
