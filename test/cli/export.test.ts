import { deepStrictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { intoFile } from '../../cli/export/export-series.js';
import { readSeriesFacts } from '../../cli/export/series-facts.js';
import type { TimedCandle } from '../../domain/verify.js';
import { SqlCandleStore } from '../../storage/candle-store.js';
import { PostgresDatabase } from '../../storage/postgres.js';
import { readCandles } from '../../storage/read-candles.js';
import { inSnapshot } from '../../storage/snapshot.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { migratedDatabase, type FreshDatabase } from '../servers/fresh-database.js';
import { postgresVariables } from '../servers/server-variables.js';
import { openShortLink } from '../servers/short-link.js';
import { smallDisk } from '../stack/small-disk.js';
import { until } from '../stack/until.js';
import { at, numbers, ORIGIN, pageOf, SERIES, span } from '../storage/pages.js';
import { runArguments, type Captured } from './captured.js';

const MAIN = path.resolve('dist/cli/main.js');
/** Full batches and groups, and one more. */
const MANY = 100_001;

/** A long series of five values that no decimal says exactly, every third without turnover. */
const FILL_MANY = `insert into ohlcv
  select 'MANYUSDT', '5m', t, 1 / n, pi() * n, 1 / (n + 7), sqrt(n), n * 1e-9,
    case when n::bigint % 3 <> 0 then n / 3 end
  from (select n::float8 as n, '2020-01-01Z'::timestamptz + n * interval '5 minutes' as t
    from generate_series(1, ${MANY}) as n) as made`;

const COVER_MANY = `insert into coverage (symbol, timeframe, covered, candles, first_candle)
  select symbol, timeframe, tstzmultirange(tstzrange(min("timestamp"), max("timestamp") + interval '5 minutes')),
    count(*), min("timestamp") from ohlcv where symbol = 'MANYUSDT' group by 1, 2`;

describe('m1 export', () => {
  let fresh: FreshDatabase;
  let database: PostgresDatabase;
  let store: SqlCandleStore;
  let folder: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    fresh = await migratedDatabase();
    database = new PostgresDatabase(fresh);
    env = postgresVariables(fresh);
    store = new SqlCandleStore({ database, reaskMs: [], now: () => at(30) });
    await new SqlSourceStore(database).claim('simulated');
    // number 29 is open, 7 and 8 are holes, 12 failed, 20 to 24 were never asked for
    await store.storePage(pageOf(0, 12, [...numbers(0, 7), ...numbers(9, 12)]));
    await store.settleFailed(SERIES, [span(12, 13)], ORIGIN, 'no answer');
    await store.storePage(pageOf(13, 20, numbers(13, 20)));
    await store.storePage(pageOf(25, 30, numbers(25, 30), { openIndex: 29 }));
    await database.query(FILL_MANY);
    await database.query(COVER_MANY);
  });
  afterAll(async () => {
    await database.close();
    await fresh.drop();
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'm1-export-'));
    return () => rmSync(folder, { recursive: true });
  });

  const inFolder = (name: string): string => path.resolve(folder, name);
  const exportOf = (symbol: string, name: string, ...more: string[]): Promise<Captured> => {
    const output = name === '-' ? name : inFolder(name);
    const series = ['--symbol', symbol, '--timeframe', '5m'];
    return runArguments(['export', ...series, '--output', output, ...more], env);
  };
  const run = (name: string, ...more: string[]) => exportOf('BTCUSDT', name, ...more);
  const manifest = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(inFolder(`${name}.manifest.json`), 'utf8')) as Record<string, unknown>;
  const stored = async (symbol: string): Promise<TimedCandle[]> => {
    const { rows } = await database.query<TimedCandle>(
      `select extract(epoch from "timestamp")::float8 * 1000 as "timeMs", open, high, low, close, volume, turnover
       from ohlcv_closed where symbol = $1 and timeframe = '5m' order by "timestamp"`,
      [symbol],
    );
    return [...rows];
  };

  it.each(['many.csv', 'many.jsonl', 'many.parquet'])(
    'into %s is equal to the table when it is read back',
    async (name) => {
      const { exitCode, stderr } = await exportOf('MANYUSDT', name);
      expect(exitCode, stderr).toBe(0);
      // the matchers of the test runner take seconds for so many
      deepStrictEqual(await readBack(inFolder(name)), await stored('MANYUSDT'));
      const sha256 = createHash('sha256')
        .update(readFileSync(inFolder(name)))
        .digest('hex');
      expect(manifest(name)).toMatchObject({ rows: MANY, complete: true, sha256 });
      expect(readdirSync(folder)).toHaveLength(2);
      if (name.endsWith('.parquet')) await expectSmallGroups(inFolder(name));
    },
  );

  it('reads the rows of the moment of the facts, whatever is written meanwhile', async () => {
    const before = await stored('MANYUSDT');
    const change = `update ohlcv set volume = $1 where symbol = 'MANYUSDT' and close = $2`;
    const { volume, close } = before.at(-1) ?? { volume: NaN, close: NaN };
    const read: TimedCandle[] = [];
    await inSnapshot(database, async (snapshot) => {
      const series = { symbol: 'MANYUSDT', timeframe: '5m' } as const;
      const wanted = { fromMs: undefined, toMs: undefined };
      const { grid } = await readSeriesFacts(snapshot, series, wanted, Date.now());
      expect((await database.query(change, [0, close])).count).toBe(1);
      for await (const batch of readCandles(snapshot, series, grid)) read.push(...batch);
    });
    await database.query(change, [volume, close]);
    deepStrictEqual(read, before);
  });

  it('writes a header, ISO times and an empty field for what is not known', async () => {
    await run('some.csv', '--to', '2026-01-15T00:10Z');
    expect(readFileSync(inFolder('some.csv'), 'utf8').split('\n')).toEqual([
      'timestamp,open,high,low,close,volume,turnover',
      '2026-01-15T00:00:00Z,100,110.5,90.25,101,0,',
      '2026-01-15T00:05:00Z,101,111.5,91.25,102,0.1,100000',
      '',
    ]);
  });

  it('says what is absent and why, in the manifest and in its last line', async () => {
    const { exitCode, stdout } = await run('some.csv', '--from', '2026-01-15', '--json');
    expect(exitCode).toBe(0);
    const made = manifest('some.csv');
    const { files } = JSON.parse(stdout) as { files: Record<string, unknown>[] };
    expect(files).toMatchObject([{ rows: 21, complete: false, gaps: made['gaps'] }]);
    const gaps = made['gaps'] as { kind: string; candles: number }[];
    // the rest lies after the time that the test's candles reach
    expect(gaps.slice(0, 3)).toEqual([
      gap('00:35', '00:45', 2, 'unconfirmed'),
      gap('01:00', '01:05', 1, 'failed'),
      gap('01:40', '02:05', 5, 'never_asked'),
    ]);
    expect(made).toMatchObject({
      ...{ file: 'some.csv', format: 'csv', symbol: 'BTCUSDT', timeframe: '5m' },
      ...{ from: '2026-01-15T00:00:00Z', first: '2026-01-15T00:00:00Z' },
      ...{ last: '2026-01-15T02:20:00Z', rows: 21, complete: false },
      ...{ source: 'simulated', simulated: true },
    });
  });

  it('without a range holds all that is stored, and nothing that is open', async () => {
    const { stdout } = await run('all.csv');
    expect(stdout).toMatch(/^SIMULATED/);
    expect(stdout).toMatch(
      /BTCUSDT 5m: 21 candles into .*all\.csv in [\d.]+ s, not complete \(absent: 2 unconfirmed, 1 failed, 5 never_asked\)\n$/,
    );
    expect(await readBack(inFolder('all.csv'))).toEqual(await stored('BTCUSDT'));
    expect(manifest('all.csv')).toMatchObject({
      ...{ from: '2026-01-15T00:00:00Z', to: '2026-01-15T02:25:00Z' },
    });
  });

  it('takes the candles that lie wholly within the range, none too', async () => {
    await run('cut.jsonl', '--from', '2026-01-15T00:00:01Z', '--to', '2026-01-15T00:14:59Z');
    expect((await readBack(inFolder('cut.jsonl'))).map(({ timeMs }) => timeMs)).toEqual([at(1)]);
    expect(manifest('cut.jsonl')).toMatchObject({ rows: 1, complete: true, gaps: [] });
    for (const name of ['none.csv', 'none.jsonl', 'none.parquet']) {
      await run(name, '--from', '2025-01-01', '--to', '2025-01-02');
      expect(await readBack(inFolder(name))).toEqual([]);
      expect(manifest(name)).toMatchObject({ rows: 0, first: null, last: null, complete: false });
    }
  });

  it('replaces a file only with --force', async () => {
    writeFileSync(inFolder('mine.csv'), 'mine');
    const refused = await run('mine.csv');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/^m1: [^\n]*mine\.csv exists[^\n]*--force\n$/);
    expect(readFileSync(inFolder('mine.csv'), 'utf8')).toBe('mine');
    expect((await run('mine.csv', '--force')).exitCode).toBe(0);
    expect(await readBack(inFolder('mine.csv'))).toHaveLength(21);
  });

  it('leaves a file alone that came while it was writing', async () => {
    const file = inFolder('two.csv');
    const written = intoFile(file, false, async (write) => {
      await write(Buffer.from('mine'));
      writeFileSync(file, 'theirs');
    });
    await expect(written).rejects.toThrow('two.csv exists: name another --output, or use --force');
    expect(readFileSync(file, 'utf8')).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['two.csv']);
  });

  it('a full disk is named with the file, and nothing is left', async (context) => {
    const disk = smallDisk(context, 1);
    const many = path.join(disk, 'many.csv');
    const { exitCode, stderr } = await exportOf('MANYUSDT', many);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^m1: \S+many\.csv could not be written \(ENOSPC[^\n]*\): free space, or name [^\n]*\n$/,
    );
    expect(readdirSync(disk)).toEqual([]);
  });

  it('refuses what is not stored, with the nearest names', async () => {
    const unknown = await exportOf('BTCUSD', 'x.csv');
    expect(unknown.stderr).toMatch(/^m1: BTCUSD is not stored \(nearest: BTCUSDT, /);
    const other = await runArguments(
      ['export', '--symbol', 'BTCUSDT', '--timeframe', '1d', '--output', inFolder('x.csv')],
      env,
    );
    expect(other.stderr).toMatch(/^m1: BTCUSDT 1d is not stored, only 5m: m1 backfill/);
    expect([unknown.exitCode, other.exitCode]).toEqual([2, 2]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['gaps check', ['--symbol', 'BTCUSD', '--from', '2026-01-15', '--to', '2026-01-16'], 3],
    ['gaps list', ['--symbol', 'BTCUSD'], 0],
    ['gaps explain', ['BTCUSD', '5m', '2026-01-15'], 3],
  ])('m1 %s says so too, whatever else it has to say', async (command, rest, code) => {
    const words = command.split(' ');
    const { exitCode, stdout, stderr } = await runArguments([...words, ...rest], env);
    expect(stderr).toMatch(/^m1: BTCUSD is not stored \(nearest: BTCUSDT[^\n]*\)\n$/);
    expect(stdout).not.toBe('');
    expect(exitCode).toBe(code);
    const known = await runArguments(
      [...words, ...rest.map((text) => text.replace(/D$/, 'DT'))],
      env,
    );
    expect(known.stderr).toBe('');
  });

  it('says when rows are gone that are recorded', async () => {
    const series = { symbol: 'LOSTUSDT', timeframe: '5m' } as const;
    await store.storePage(pageOf(0, 3, [0, 1, 2], { series }));
    await database.query(
      `delete from ohlcv where symbol = 'LOSTUSDT' and "timestamp" = '2026-01-15T00:05Z'`,
    );
    const { exitCode, stdout } = await exportOf('LOSTUSDT', 'lost.csv');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/of 1 candle the row is gone: m1 verify --symbol LOSTUSDT --repair\n/);
    expect(manifest('lost.csv')).toMatchObject({ rows: 2, complete: false });
  });

  it('to stdout is the file alone', async () => {
    const { exitCode, stdout, stderr } = await run('-', '--to', '2026-01-15T00:05Z');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')).toHaveLength(3);
    expect(stderr).toMatch(/1 candle in [\d.]+ s, complete\n$/);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('ended by %s leaves no half file', async (signal) => {
    // the facts come through and the file is begun; most of its candles do not
    const link = await openShortLink(fresh, 1_000_000);
    const program = spawn(
      process.execPath,
      [MAIN, 'export', '--symbol', 'MANYUSDT', '--timeframe', '5m', '--output', 'many.csv'],
      { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, ...env, ...link.env } },
    );
    const ended = once(program, 'exit');
    const begun = (): boolean => readdirSync(folder).some((name) => name.endsWith('.part'));
    try {
      await link.exhausted;
      await until('the file is begun', () => begun() || undefined);
    } finally {
      program.kill(signal);
    }
    const [exitCode] = (await ended) as [number | null];
    const left = readdirSync(folder);
    expect(exitCode).toBe(signal === 'SIGTERM' ? 1 : null);
    expect(left.filter((name) => !name.endsWith('.part'))).toEqual([]);
    if (signal === 'SIGTERM') expect(left).toEqual([]);
  });
});

async function expectSmallGroups(file: string): Promise<void> {
  const { schema, row_groups } = await parquetMetadataAsync(await asyncBufferFromFile(file));
  expect(schema[1]).toMatchObject({
    ...{ name: 'timestamp', type: 'INT64', repetition_type: 'REQUIRED' },
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  });
  expect(schema.slice(2).map(({ type }) => type)).toEqual(Array<string>(6).fill('DOUBLE'));
  expect(schema.at(-1)).toMatchObject({ name: 'turnover', repetition_type: 'OPTIONAL' });
  expect(row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([50_000, 50_000, 1]);
  expect(row_groups[0]?.columns[1]?.meta_data?.codec).toBe('SNAPPY');
}

function gap(from: string, to: string, candles: number, kind: string) {
  const day = '2026-01-15T';
  return { from: `${day}${from}:00Z`, to: `${day}${to}:00Z`, candles, kind };
}

/** The candles of a file, read without the code that wrote it. */
async function readBack(file: string): Promise<TimedCandle[]> {
  if (file.endsWith('.parquet')) {
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file) });
    return rows.map(({ timestamp, ...values }) => candleOf(timestamp as Date, values));
  }
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  if (file.endsWith('.jsonl')) {
    return lines.map((line) => {
      const { timestamp, ...values } = JSON.parse(line) as Record<string, unknown>;
      return candleOf(new Date(timestamp as string), values);
    });
  }
  const [header = '', ...rows] = lines;
  const names = header.split(',').slice(1);
  return rows.map((line) => {
    const [time = '', ...fields] = line.split(',');
    const values = fields.map((text, i) => [names[i], text === '' ? null : Number(text)]);
    return candleOf(new Date(time), Object.fromEntries(values) as Record<string, unknown>);
  });
}

function candleOf(time: Date, values: Record<string, unknown>): TimedCandle {
  return { timeMs: time.getTime(), ...values } as TimedCandle;
}
