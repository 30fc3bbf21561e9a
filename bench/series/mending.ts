import { setTimeout as sleep } from 'node:timers/promises';
import { wakeRepair } from '../../activities/repair/wake-repair.js';
import type { RepairCounts } from '../../domain/repair.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { REPAIR_WORKFLOW_ID } from '../../domain/workflow-names.js';
import { SqlLiveCandleStore } from '../../storage/live-candle-store.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { runBareLoop, type BareLoop } from '../backfill/bare-loop.js';
import { Rig, type MeasuredWork } from '../backfill/rig.js';
import { FORGET_MS, readKlineRequests } from '../backfill/venue-stats.js';
import type { repairWorkflow } from '../../workflows/repair.js';
import type { BenchDatabase } from '../bench-database.js';
import type { SimulatorProcess } from '../programs.js';
import type { TopicContext } from '../topic.js';
import { makeUpYear, SERIES } from './made-up-year.js';

/** The default, and all that the venue allows. */
const RATE_LIMITS = [570, 600];

const STREAM = { source: 'ws', workflowId: 'stream/bybit/spot/0', runId: 'bench' } as const;

/** One repair of a gap in every series, as it was measured. */
export interface MendedRow {
  readonly rateLimit: number;
  /** What it took to make the gaps, as the stream does when it is back. */
  readonly handOverSeconds: number;
  readonly work: MeasuredWork & { readonly result: RepairCounts };
}

export interface Mending {
  readonly rows: readonly MendedRow[];
  /** The requests of the last run once more. */
  readonly bare: BareLoop;
}

/** When the network was lost and when it came back, by the venue's clock, ms. */
export interface Loss {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Repairs a gap in every series by a worker, at each limit. */
export async function measureMending(
  context: TopicContext,
  parts: { readonly database: BenchDatabase; readonly simulator: SimulatorProcess },
  what: { readonly symbols: readonly string[]; readonly loss: Loss },
): Promise<Mending> {
  const { bed, signal, say } = context;
  const { database, simulator } = parts;
  const rows: MendedRow[] = [];
  for (const rateLimit of RATE_LIMITS) {
    say(`series: a gap in each of ${SERIES} series, limit ${rateLimit}`);
    await makeUpYear(database.sql, what.symbols, what.loss.fromMs);
    const handOverSeconds = await handOver(database, what.symbols, what.loss.toMs);
    const rig = await Rig.start({ bed, database, simulator, rateLimit, signal });
    try {
      const work = await rig.measure(async ({ client }) => {
        await wakeRepair(client);
        return client.workflow.getHandle<typeof repairWorkflow>(REPAIR_WORKFLOW_ID);
      });
      await refuseOpenGaps(database);
      rows.push({ rateLimit, handOverSeconds, work });
    } finally {
      await rig.stop();
    }
  }
  const requests = await readKlineRequests(simulator.url);
  await sleep(FORGET_MS, undefined, { signal });
  return { rows, bare: await runBareLoop(simulator.url, requests, signal) };
}

async function handOver(
  { address }: BenchDatabase,
  symbols: readonly string[],
  untilMs: number,
): Promise<number> {
  const series = symbols.flatMap((symbol) =>
    TIMEFRAMES.map((timeframe) => ({ symbol, timeframe, untilMs })),
  );
  const database = new PostgresDatabase(address);
  try {
    const live = new SqlLiveCandleStore({ database, reaskMs: [] });
    const startedAt = performance.now();
    const gaps = await live.handOver(series, STREAM);
    if (gaps !== SERIES) throw new Error(`${gaps} gaps were handed over`);
    return (performance.now() - startedAt) / 1000;
  } finally {
    await database.close();
  }
}

async function refuseOpenGaps({ sql }: BenchDatabase): Promise<void> {
  const { rows } = await sql.query<{ left: number }>(
    `select count(*)::int as left from gap where closed_at is null and kind = 'disconnected'`,
  );
  const left = rows[0]?.left ?? NaN;
  if (left !== 0) throw new Error(`the repair left ${left} gaps`);
}
