import { expect } from 'vitest';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import type { Simulator } from '../../simulator/simulator.js';
import { until } from '../stack/until.js';
import type { Collector } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';

/** Starts or changes a stream through the command, and fails unless it runs then. */
export async function startStream(
  collector: Collector,
  args: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  const { code, ...texts } = await collector.m1(['stream', ...args, '--detach']);
  expect(code, texts.stderr).toBe(0);
  return texts;
}

export async function stopStream(collector: Collector): Promise<void> {
  const { code, stderr } = await collector.m1(['stream', 'stop']);
  expect(code, stderr).toBe(0);
}

export async function tickerKeys({ redis }: Collector): Promise<string[]> {
  return redis.keys('ticker:*');
}

/** Connections that the venue has seen. */
export function connections({ stream }: Simulator) {
  return stream.stats.snapshot().connections;
}

/** Resolves when data flows: a ticker has been written since the newest connection was opened. */
export async function untilLive({ simulator, redis }: Collector): Promise<void> {
  await until('a live stream', async () => {
    const { list, now } = connections(simulator);
    const openedAtMs = list.at(-1)?.openedAtMs ?? Infinity;
    return now > 0 && (await tickerAtMs(redis)) > openedAtMs ? true : undefined;
  });
}

/** When the ticker of BTCUSDT was received, ms by the local clock; 0 when there is none. */
export async function tickerAtMs(redis: Collector['redis']): Promise<number> {
  const updatedAt = await redis.hget('ticker:BTCUSDT', 'updated_at').catch(() => null);
  return updatedAt === null ? 0 : Date.parse(updatedAt);
}

/** One figure of a worker's metrics. @param sample its name with its labels, as a scrape writes them */
export async function readMetric(port: number, sample: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  const lines = (await answer.text()).split('\n');
  const line = lines.find((each) => each.startsWith(`${sample} `));
  return Number(line?.slice(sample.length));
}

/** Resolves when repair has nothing left to mend. */
export async function untilRepaired({ sql }: Collector): Promise<void> {
  await until('no gap', async () => {
    const { rows } = await sql.query(
      `select from gap where closed_at is null and kind not in ('before_listing', 'no_trades')`,
    );
    return rows.length === 0 ? true : undefined;
  });
}

/** Settled up to here in each of these series, ms; fails while one of them has a hole. */
export async function settledUntilMs(
  { sql }: Collector,
  symbols: readonly string[],
  timeframe: string,
): Promise<number> {
  const { rows } = await sql.query<{ until: string; parts: number }>(
    `select min(extract(epoch from upper(covered)) * 1000)::bigint as until,
            max((select count(*) from unnest(covered)))::int as parts
       from coverage where symbol = any($1) and timeframe = $2`,
    [symbols, timeframe],
  );
  expect(rows[0]?.parts, `${timeframe} has a hole`).toBe(1);
  return Number(rows[0]?.until);
}

/**
 * Fails unless all candles from `fromMs` to the end of coverage equal the market's.
 *
 * @returns how many were compared
 */
export async function expectAllExact(
  collector: Collector,
  symbols: readonly string[],
  fromMs: number,
): Promise<number> {
  let candles = 0;
  for (const timeframe of TIMEFRAMES) {
    const toMs = await settledUntilMs(collector, symbols, timeframe);
    for (const symbol of symbols) {
      const range = { symbol, timeframe, fromMs, toMs };
      candles += await expectTruth(collector.simulator, collector.sql, range);
    }
  }
  await expectInvariant(collector.sql);
  return candles;
}
