import { afterEach, describe, expect, it } from 'vitest';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { useOwnTemporal } from '../servers/own-temporal.js';
import { until } from '../stack/until.js';
import { startCollector, type Collector } from './collector.js';
import { expectInvariant, expectTruth } from './compare-with-truth.js';
import { startStream, stopStream, untilLive } from './streaming.js';
import { startSync, syncedAfter, type SyncDocument } from './syncing.js';

const ownNamespace = useOwnTemporal();

const NOW = Date.parse('2026-11-20T10:03:20Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FROM = NOW - 2 * DAY;
const NEW = 'FRESHUSDT';

let collector: Collector;
afterEach(async () => {
  await collector.close();
});

function advance(ms: number): void {
  collector.simulator.control.setClock({ nowMs: collector.simulator.nowMs() + ms });
}

async function backfilled(...symbols: string[]): Promise<void> {
  const names = symbols.flatMap((symbol) => ['--symbol', symbol]);
  const from = new Date(FROM).toISOString();
  const { code, stderr } = await collector.m1(['backfill', ...names, '--from', from, '--json']);
  expect(code, stderr).toBe(0);
}

async function syncAgain(before: SyncDocument): Promise<SyncDocument> {
  expect((await collector.m1(['sync', 'trigger'])).code).toBe(0);
  const document = await syncedAfter(collector, before);
  // no change of a listing makes a run fail
  expect(document.timeframes.map(({ last }) => last?.status)).toEqual(TIMEFRAMES.map(() => 'done'));
  return document;
}

/** Open gaps of a pair's 5m series, oldest first. */
async function gapsOf(symbol: string) {
  const { rows } = await collector.sql.query<{ kind: string; from: Date; to: Date }>(
    `select kind, lower(period) as "from", upper(period) as "to" from gap
      where symbol = $1 and timeframe = '5m' and closed_at is null order by lower(period)`,
    [symbol],
  );
  return rows.map(({ kind, from, to }) => [kind, from.toISOString(), to.toISOString()]);
}

describe('a pair of the set', () => {
  it('that is listed later is loaded from its first candle', async () => {
    collector = await startCollector({
      simulator: { now: NOW, speed: 0, pairs: 10 },
      temporal: await ownNamespace(),
    });
    await collector.startWorker();
    await backfilled('BTCUSDT');
    const { stderr } = await startSync(collector, ['--symbol', 'BTCUSDT', '--symbol', NEW]);
    expect(stderr).toMatch(/did not list FRESHUSDT .*nearest/);
    const before = await syncedAfter(collector);
    expect(before.timeframes[0]?.result).toMatchObject({ series: 1, unlisted: [NEW], failed: [] });

    const listedMs = NOW + 10 * MINUTE;
    advance(3 * HOUR);
    collector.simulator.control.changeSymbol(NEW, { listedMs });
    await syncAgain(before);
    await until('the history of the new pair', async () => {
      const { rows } = await collector.sql.query(
        `select from coverage where symbol = $1 and candles > 0 and timeframe in ('5m', '15m', '1h')`,
        [NEW],
      );
      return rows.length === 3 ? true : undefined;
    });
    for (const timeframe of ['5m', '15m', '1h'] as const) {
      const range = { symbol: NEW, timeframe, fromMs: FROM, toMs: collector.simulator.nowMs() };
      expect(await expectTruth(collector.simulator, collector.sql, range)).toBeGreaterThan(0);
    }
    const runs = (await collector.m1(['runs', 'list'])).stdout;
    expect(runs).toContain(`backfill/bybit/${NEW}/all/90d`);
    await expectInvariant(collector.sql);
  });

  it('that is delisted is sealed, and leaves a typed hole when it is listed again', async () => {
    collector = await startCollector({
      temporal: await ownNamespace(),
      simulator: { now: NOW, speed: 0, pairs: 10 },
      env: { GAP_REASK: '1s' },
    });
    await collector.startWorker();
    const symbol = 'ETHUSDT';
    await backfilled('BTCUSDT', symbol);
    await startSync(collector, ['--symbol', 'BTCUSDT', '--symbol', symbol]);
    const before = await syncedAfter(collector);

    const delistedMs = NOW + 20 * MINUTE;
    collector.simulator.control.changeSymbol(symbol, { delistedMs });
    advance(HOUR);
    const sealed = await syncAgain(before);
    expect(sealed.timeframes[0]?.result).toMatchObject({ series: 1, sealed: [symbol] });
    const end = '2026-11-20T10:00:00.000Z';
    expect(await gapsOf(symbol)).toEqual([['after_delisting', end, '2026-11-20T11:00:00.000Z']]);
    const later = await syncAgain(sealed);
    expect(later.timeframes[0]?.result).toMatchObject({ sealed: [], failed: [] });

    // a backfill that asks beyond its end is complete
    advance(HOUR);
    await backfilled(symbol);
    expect(await gapsOf(symbol)).toEqual([
      ['after_delisting', end, '2026-11-20T11:00:00.000Z'],
      ['after_delisting', '2026-11-20T11:00:00.000Z', '2026-11-20T12:00:00.000Z'],
    ]);
    await expectInvariant(collector.sql);

    // listed again, with nothing in between
    const holes = [{ fromMs: delistedMs, toMs: NOW + 3 * HOUR }];
    collector.simulator.control.changeSymbol(symbol, { delistedMs: Infinity, holes });
    advance(2 * HOUR);
    await syncAgain(later);
    await until('the hole', async () => {
      const gaps = await gapsOf(symbol);
      return gaps.every(([kind]) => kind !== 'after_delisting') ? true : undefined;
    });
    await until('what was traded before the delisting', async () => {
      const [first] = await gapsOf(symbol);
      return first?.[1] === '2026-11-20T10:25:00.000Z' ? true : undefined;
    });
    const kinds = new Set((await gapsOf(symbol)).map(([kind]) => kind));
    expect([...kinds].every((kind) => kind === 'unconfirmed' || kind === 'no_trades')).toBe(true);
    await expectInvariant(collector.sql);
  });
});

describe('collect', () => {
  it('runs history, stream and sync of one set as one thing, and ends them', async () => {
    collector = await startCollector({
      simulator: { now: NOW, speed: 0, pairs: 10 },
      temporal: await ownNamespace(),
    });
    await collector.startWorker();
    const unknown = await collector.m1(['collect', '--symbol', 'BTCUSD']);
    expect(unknown.code, unknown.stderr).toBe(2);
    expect(unknown.stderr).toContain('nearest');

    const child = collector.spawnM1(['collect', '--symbol', 'BTCUSDT,ETHUSDT', '--days', '2']);
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (more: string) => (text += more));
    child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const shown = (line: RegExp): Promise<true> =>
      until(String(line), () => (line.test(text) ? true : undefined));
    try {
      await shown(/100\.00 % complete, 0 open gaps.*backfill completed.*stream live/);
      // the first sync may have met series without a history
      await collector.m1(['sync', 'trigger']);
      await shown(/stream live.*sync lag 5m 3 min 20 s/);
      child.kill('SIGINT');
      expect(await ended, text).toBe(0);
      expect(text).toContain('left running');
    } finally {
      child.kill('SIGKILL');
    }

    // a pair that is listed later joins the stream with the next sync
    const more = await collector.m1(['sync', 'start', '--symbol', `BTCUSDT,${NEW}`]);
    expect(more.code, more.stderr).toBe(0);
    const before = await syncedAfter(collector);
    collector.simulator.control.changeSymbol(NEW, { listedMs: NOW + MINUTE });
    advance(10 * MINUTE);
    await syncAgain(before);
    await until('the ticker of the new pair', async () =>
      (await collector.redis.exists(`ticker:${NEW}`)) === 1 ? true : undefined,
    );

    const status = await collector.m1(['status']);
    expect(status.stdout).toMatch(
      /set of the last sync: 2 pairs, 10 series, .* complete, .*last sync/,
    );
    const stopped = await collector.m1(['collect', 'stop']);
    expect(stopped.code, stopped.stderr).toBe(0);
    expect((await collector.m1(['sync', 'status'])).stdout).toContain('nothing is kept');
    expect((await collector.m1(['stream', 'stop'])).stdout).toContain('no stream is running');
    await expectInvariant(collector.sql);
  });

  it('leaves a stream alone that sync was not asked to move', async () => {
    collector = await startCollector({
      simulator: { now: NOW, speed: 0, pairs: 10 },
      temporal: await ownNamespace(),
    });
    await collector.startWorker();
    await backfilled('ETHUSDT', 'SOLUSDT');
    await startStream(collector, ['--symbol', 'BTCUSDT']);
    await untilLive(collector);
    await startSync(collector, ['--symbol', 'ETHUSDT', '--symbol', 'SOLUSDT']);
    await syncedAfter(collector);
    const shown = await collector.m1(['stream', '--symbol', 'BTCUSDT', '--detach']);
    expect(shown.stderr).toContain('follows BTCUSDT already');
    await stopStream(collector);
  });
});
