import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { EXPORT_FORMATS, type ExportFormat } from '../../cli/export/export-format.js';
import { formatCount } from '../../cli/render/format.js';
import { renderTable } from '../../cli/render/table.js';
import { runCommand } from '../../stack/run-command.js';
import { createBenchDatabase, type BenchDatabase } from '../bench-database.js';
import { loadNow } from '../machine.js';
import { databaseVariables, M1_MAIN, programEnvironment } from '../programs.js';
import { atMost, megabytes } from '../statistics.js';
import type { Topic, TopicContext } from '../topic.js';
import { differingRows } from './read-back.js';

const ROWS = 2_000_000;
/** Enough that the runtime has taken the memory that it takes for any length. */
const PART = 1_000_000;
const BEGIN = '2016-01-01T00:00:00Z';
const CANDLE_MS = 300_000;

const TIMEOUT_MS = 300_000;

/** Twice the rows may take this much more memory: garbage that nobody had to collect. */
const AIM_GROWTH = 1.15;

const ROWS_SQL = `insert into ohlcv
  select 'BTCUSDT', '5m', $1::timestamptz + n * interval '5 minutes',
    40000 + n % 977 / 10.0, 40200 + n % 977 / 10.0, 39900 + n % 977 / 10.0, 40100 + n % 971 / 10.0,
    sqrt(n + 1), case when n % 100 <> 0 then 40000 * sqrt(n + 1) end
  from generate_series(0, ${ROWS - 1}) as n`;

const COVERAGE_SQL = `insert into coverage (symbol, timeframe, covered, candles, first_candle)
  select 'BTCUSDT', '5m',
    tstzmultirange(tstzrange($1::timestamptz, $1::timestamptz + ${ROWS} * interval '5 minutes')),
    ${ROWS}, $1::timestamptz`;

/** Written by the command itself at its end: the kernel's own figure. */
const PEAK = `data:text/javascript,process.on('exit',()=>console.error('\\n'+process.resourceUsage().maxRSS))`;

interface Export {
  readonly seconds: number;
  readonly peakBytes: number;
}

/** An export must not grow with its series. */
export const EXPORT: Topic = {
  name: 'export',
  about: `m1 export of ${formatCount(PART)} candles in each format: memory, time, equality`,
  async run(context) {
    const database = await createBenchDatabase(context.bed.postgres, 'bench_export');
    try {
      context.say(`export: ${formatCount(ROWS)} candles`);
      await makeUp(database.sql);
      const load = loadNow();
      const rows: string[][] = [];
      for (const format of EXPORT_FORMATS) rows.push(await measure(context, database, format));
      const right = (title: string) => ({ title, align: 'right' }) as const;
      const columns = [
        { title: 'format' },
        ...['candles/s', `MB at ${formatCount(PART)}`, `MB at ${formatCount(ROWS)}`].map(right),
        right('rows that differ'),
        { title: 'aim' },
      ];
      for (const line of renderTable(columns, rows)) context.print(line);
      context.print(`Peak memory of the whole process. Load ${load} before, ${loadNow()} after.`);
    } finally {
      await database.close();
    }
  },
};

async function makeUp(sql: pg.Pool): Promise<void> {
  await sql.query(ROWS_SQL, [BEGIN]);
  await sql.query(COVERAGE_SQL, [BEGIN]);
  await sql.query('vacuum analyze ohlcv, coverage');
}

async function measure(
  context: TopicContext,
  database: BenchDatabase,
  format: ExportFormat,
): Promise<string[]> {
  context.say(`export: ${format}`);
  const file = path.join(context.bed.folder, `${randomUUID()}.${format}`);
  const part = await timeExport(context, database, file, PART);
  const different = await differingRows(database.sql, file, PART);
  const whole = await timeExport(context, database, file, ROWS);
  rmSync(file);
  const aim = atMost(whole.peakBytes / part.peakBytes, AIM_GROWTH);
  return [
    format,
    formatCount(ROWS / whole.seconds),
    megabytes(part.peakBytes),
    megabytes(whole.peakBytes),
    formatCount(different),
    `memory at most ${AIM_GROWTH} times: ${aim}; equal: ${different === 0 ? 'ok' : 'missed'}`,
  ];
}

async function timeExport(
  { bed, signal }: TopicContext,
  database: BenchDatabase,
  file: string,
  rows: number,
): Promise<Export> {
  const to = new Date(Date.parse(BEGIN) + rows * CANDLE_MS).toISOString();
  const series = ['--symbol', 'BTCUSDT', '--timeframe', '5m', '--from', BEGIN, '--to', to];
  const startedAt = performance.now();
  const result = await runCommand(
    process.execPath,
    ['--import', PEAK, M1_MAIN, 'export', ...series, '--output', file, '--force'],
    {
      timeoutMs: TIMEOUT_MS,
      env: programEnvironment(bed, databaseVariables(database.address)),
      cwd: bed.folder,
      signal,
    },
  );
  if (!result.ok) throw new Error(`m1 export failed: ${result.reason}`);
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds, peakBytes: Number(result.reason) * 1024 };
}
