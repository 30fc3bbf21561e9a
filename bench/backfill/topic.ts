import { setTimeout as sleep } from 'node:timers/promises';
import { createBenchDatabase, type BenchDatabase } from '../bench-database.js';
import { startSimulatorProcess, type SimulatorProcess } from '../programs.js';
import type { Topic, TopicContext } from '../topic.js';
import { ALLOWED_IN_5S, runBareLoop, type BareLoop } from './bare-loop.js';
import { runOriginalWay, type OriginalWay } from './original-way.js';
import { backfillReport, type BackfillRow } from './report.js';
import { Rig, type MeasuredRun } from './rig.js';
import { FORGET_MS, readKlineRequests } from './venue-stats.js';

const PAIRS = 20;
/** Of these the 20 most traded. */
const TRADING_PAIRS = 22;
/** The default, and all that the venue allows. */
const RATE_LIMITS = [570, ALLOWED_IN_5S];
/** The reference takes minutes for the whole, so it gets this long, ms. */
const ORIGINAL_FOR_MS = 10_000;
/** What a worker that has just started is warmed up with. */
const WARM_UP = { pairs: PAIRS, days: 3 };

/** A whole backfill through Temporal into the database, beside two references. */
export const BACKFILL: Topic = {
  name: 'backfill',
  about: 'a whole backfill against the rate limit and the original way, 20 pairs, 90 and 180 days',
  async run(context) {
    const { bed, print } = context;
    const database = await createBenchDatabase(bed.postgres, 'bench_backfill');
    try {
      const rows = [
        ...(await measure(context, database, { days: 90, latencyMs: 0, withOriginal: true })),
        ...(await measure(context, database, { days: 90, latencyMs: 150, withOriginal: true })),
        ...(await measure(context, database, { days: 180, latencyMs: 150, withOriginal: false })),
      ];
      for (const line of backfillReport(rows)) print(line);
      for (const line of NOTES) print(line);
    } finally {
      await database.close();
    }
  },
};

const NOTES = [
  '',
  'Five timeframes; seconds from the start of the workflow to its result, tables empty, worker warm.',
  `(a) undici, the same kline requests at ${ALLOWED_IN_5S} in 5 s, answers thrown away: nobody can be faster.`,
  `(b) one page after the other, ccxt with its own throttle, 200 candles a page, one upsert a row;`,
  `    measured over ${ORIGINAL_FOR_MS / 1000} s of one pair, because the whole takes many minutes.`,
  'Peak MB of postgres: private memory of all its processes and the shared memory once.',
];

interface Setting {
  readonly days: number;
  readonly latencyMs: number;
  readonly withOriginal: boolean;
}

/** The runs that share a simulator and the references. */
async function measure(
  context: TopicContext,
  database: BenchDatabase,
  setting: Setting,
): Promise<BackfillRow[]> {
  const { bed, signal, say } = context;
  const { days, latencyMs, withOriginal } = setting;
  const simulator = await startSimulatorProcess(bed, { pairs: TRADING_PAIRS, latencyMs, signal });
  try {
    const runs: { rateLimit: number; run: MeasuredRun }[] = [];
    for (const rateLimit of RATE_LIMITS) {
      say(`backfill: ${days} days, ${latencyMs} ms, limit ${rateLimit}`);
      const warmUp = runs.length === 0 ? { pairs: PAIRS, days } : WARM_UP;
      const run = await measureRun({ ...context, database, simulator, rateLimit, days, warmUp });
      runs.push({ rateLimit, run });
    }
    const bare = await measureBare(simulator, signal);
    const original = withOriginal ? await measureOriginal(simulator, database, signal) : undefined;
    return runs.map((each) => ({ pairs: PAIRS, days, latencyMs, ...each, bare, original }));
  } finally {
    await simulator.stop();
  }
}

/** The first warm-up asks for everything, so that the simulator has made its candles. */
async function measureRun(
  options: Pick<TopicContext, 'bed' | 'signal'> & {
    readonly database: BenchDatabase;
    readonly simulator: SimulatorProcess;
    readonly rateLimit: number;
    readonly days: number;
    readonly warmUp: { readonly pairs: number; readonly days: number };
  },
): Promise<MeasuredRun> {
  const { warmUp, days } = options;
  const rig = await Rig.start(options);
  try {
    await rig.backfillAnew(warmUp.pairs, warmUp.days);
    return await rig.backfillAnew(PAIRS, days);
  } finally {
    await rig.stop();
  }
}

/** The requests of the run that was just measured, once more. */
async function measureBare(simulator: SimulatorProcess, signal: AbortSignal): Promise<BareLoop> {
  const requests = await readKlineRequests(simulator.url);
  return runBareLoop(simulator.url, requests, signal);
}

async function measureOriginal(
  simulator: SimulatorProcess,
  database: BenchDatabase,
  signal: AbortSignal,
): Promise<OriginalWay> {
  await sleep(FORGET_MS, undefined, { signal });
  return runOriginalWay(simulator.url, database, { forMs: ORIGINAL_FOR_MS, signal });
}
