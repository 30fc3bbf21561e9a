import { setTimeout as sleep } from 'node:timers/promises';
import { renderTable } from '../../cli/render/table.js';
import { Rig } from '../backfill/rig.js';
import { createBenchDatabase } from '../bench-database.js';
import { loadNow } from '../machine.js';
import { startSimulatorProcess } from '../programs.js';
import { atMost, median, percent } from '../statistics.js';
import type { TopicContext } from '../topic.js';
import { readView, startDashboard } from './dashboard-process.js';

const PAIRS = 20;
/** Of these the 20 most traded. */
const TRADING_PAIRS = 22;
const DAYS = 180;
const LATENCY_MS = 150;
const RATE_LIMIT = 570;
const ROUNDS = 4;
/** How much longer a backfill may take that is looked at. */
const AIM = 0.05;

/** What four open pages ask for, each as often as the page does, ms. */
const OPEN_PAGES = [
  { view: 'overview', everyMs: 5_000 },
  { view: 'coverage?timeframe=5m&days=90', everyMs: 5_000 },
  { view: 'runs', everyMs: 3_000 },
  { view: 'health', everyMs: 4_000 },
];

/** The same backfill with the dashboard closed and with it open on four pages, in turns. */
export async function measureBesideBackfill(context: TopicContext): Promise<void> {
  const { bed, signal, print, say } = context;
  const database = await createBenchDatabase(bed.postgres, 'bench_beside');
  const simulator = await startSimulatorProcess(bed, {
    pairs: TRADING_PAIRS,
    latencyMs: LATENCY_MS,
    signal,
  });
  const settings = { bed, database, simulator, rateLimit: RATE_LIMIT, signal };
  const [rig, dashboard] = await Promise.all([
    Rig.start(settings),
    startDashboard(bed, { ...settings, database: database.address, simulatorUrl: simulator.url }),
  ]);
  try {
    say('dashboard: beside a backfill, warming up');
    await rig.backfillAnew(PAIRS, DAYS);
    const load = loadNow();
    const closed: number[] = [];
    const open: number[] = [];
    let answers = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      say(`dashboard: beside a backfill, ${round} of ${ROUNDS}`);
      closed.push((await rig.backfillAnew(PAIRS, DAYS)).seconds);
      const reading = readAll(dashboard.url, signal);
      try {
        open.push((await rig.backfillAnew(PAIRS, DAYS)).seconds);
      } finally {
        answers += await reading.stop();
      }
    }
    for (const line of table(closed, open)) print(line);
    print(`\n${PAIRS} pairs, ${DAYS} days, ${LATENCY_MS} ms, limit ${RATE_LIMIT}, in turns;`);
    print(
      `${answers} answers to four pages that were open. Load ${load} before, ${loadNow()} after.`,
    );
  } finally {
    await rig.stop();
    await dashboard.stop();
    await simulator.stop();
    await database.close();
  }
}

/** Reads what is open until it is stopped, and then tells how many answers came. */
function readAll(url: string, signal: AbortSignal): { stop(): Promise<number> } {
  const over = new AbortController();
  const ended = AbortSignal.any([over.signal, signal]);
  let answers = 0;
  const pages = OPEN_PAGES.map(async ({ view, everyMs }) => {
    while (!ended.aborted) {
      await readView(url, view, signal);
      answers++;
      await sleep(everyMs, undefined, { signal: ended }).catch(() => undefined);
    }
  });
  const all = Promise.all(pages);
  // looked at in stop(), which may be long after a page has failed
  all.catch(() => undefined);
  return {
    stop: async () => {
      over.abort();
      await all;
      return answers;
    },
  };
}

function table(closed: readonly number[], open: readonly number[]): string[] {
  const slower = median(open.map((seconds, i) => seconds / (closed[i] ?? NaN))) - 1;
  const line = (name: string, seconds: readonly number[]): string[] => [
    name,
    ...[median(seconds), Math.min(...seconds), Math.max(...seconds)].map((value) =>
      value.toFixed(2),
    ),
  ];
  const columns = [
    { title: 'backfill' },
    ...['median s', 'best s', 'worst s'].map((title) => ({ title, align: 'right' as const })),
    { title: 'aim (median of the pairs)' },
  ];
  const aim = `${percent(slower)} slower, aim ${percent(AIM)}: ${atMost(1 + slower, 1 + AIM)}`;
  return renderTable(columns, [
    [...line('dashboard closed', closed), ''],
    [...line('dashboard open', open), aim],
  ]);
}
