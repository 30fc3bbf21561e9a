import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type pg from 'pg';

const COLUMNS = ['timestamp', 'open', 'high', 'low', 'close', 'volume', 'turnover'] as const;

const TABLE = `select extract(epoch from "timestamp")::float8 * 1000 as timestamp,
    open, high, low, close, volume, turnover
  from ohlcv_closed order by 1 limit $1`;

type Row = Readonly<Record<string, unknown>>;

/** How many rows of a file are not the first `count` of the table, in their order. */
export async function differingRows(sql: pg.Pool, file: string, count: number): Promise<number> {
  const { rows } = await sql.query<Row>(TABLE, [count]);
  let read = 0;
  let different = 0;
  for await (const row of rowsOf(file)) {
    const stored = rows[read++];
    if (stored === undefined || COLUMNS.some((name) => stored[name] !== row[name])) different++;
  }
  return different + Math.max(0, rows.length - read);
}

async function* rowsOf(file: string): AsyncGenerator<Row> {
  if (file.endsWith('.parquet')) {
    for (const row of await parquetReadObjects({ file: await asyncBufferFromFile(file) })) {
      yield { ...row, timestamp: (row['timestamp'] as Date).getTime() };
    }
    return;
  }
  const lines = createInterface({ input: createReadStream(file) });
  const isCsv = file.endsWith('.csv');
  for await (const line of lines) {
    if (isCsv && line === COLUMNS.join(',')) continue;
    yield isCsv ? csvRow(line) : jsonRow(line);
  }
}

function csvRow(line: string): Row {
  const [timestamp = '', ...fields] = line.split(',');
  const values = fields.map((text) => (text === '' ? null : Number(text)));
  const [open, high, low, close, volume, turnover] = values;
  return { timestamp: Date.parse(timestamp), open, high, low, close, volume, turnover };
}

function jsonRow(line: string): Row {
  const row = JSON.parse(line) as Row & { readonly timestamp: string };
  return { ...row, timestamp: Date.parse(row.timestamp) };
}
