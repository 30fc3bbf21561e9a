import pg from 'pg';
import type { StorePage } from '../../domain/stores.js';
import { OHLCV_COLUMNS } from '../../storage/candle-columns.js';

/** 2000-01-01 UTC, where PostgreSQL's timestamps start, ms since 1970. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const FIELDS = 9;

/** The formats of COPY. */
export type CopyFormat = 'text' | 'binary';

/** A page as the data of one COPY. */
export function copyData({ series, page: { closed } }: StorePage, format: CopyFormat): Buffer {
  const { openTimeMs, open, high, low, close, volume, turnover } = closed;
  const columns = [open, high, low, close, volume, turnover];
  const rows = Array.from(openTimeMs, (timeMs, i) => ({
    timeMs,
    numbers: columns.map((column) => column[i] ?? NaN),
  }));
  const { symbol, timeframe } = series;
  if (format === 'binary') {
    const head = Buffer.concat([SIGNATURE, Buffer.alloc(8)]);
    const tuples = rows.map(({ timeMs, numbers }) => tuple(symbol, timeframe, timeMs, numbers));
    return Buffer.concat([head, ...tuples, int16(-1)]);
  }
  const lines = rows.map(({ timeMs, numbers }) =>
    [symbol, timeframe, new Date(timeMs).toISOString(), ...numbers].join('\t'),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Copies prepared data into ohlcv, a statement and so a transaction of its own. */
export async function copyRows(pool: pg.Pool, data: Buffer, format: CopyFormat): Promise<void> {
  const client = await pool.connect();
  try {
    await new Promise<void>((resolve, reject) => {
      const copy = new CopyIn(`copy ohlcv (${OHLCV_COLUMNS}) from stdin (format ${format})`, data);
      copy.once('end', () => resolve());
      copy.once('error', reject);
      client.query(copy);
    });
  } finally {
    client.release();
  }
}

/** What is used of a connection of pg when the server is ready for the data of a COPY. */
interface CopyConnection {
  sendCopyFromChunk(data: Buffer): void;
  endCopyFrom(): void;
}

/** A query of pg that answers the server's "ready for your data", which pg itself refuses. */
class CopyIn extends pg.Query {
  readonly #data: Buffer;

  constructor(text: string, data: Buffer) {
    super(text);
    this.#data = data;
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.#data);
    connection.endCopyFrom();
  }
}

function tuple(symbol: string, timeframe: string, timeMs: number, numbers: number[]): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigInt64BE(BigInt(timeMs - POSTGRES_EPOCH_MS) * 1000n);
  const doubles = numbers.map((number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(number);
    return bytes;
  });
  const fields = [Buffer.from(symbol), Buffer.from(timeframe), time, ...doubles];
  return Buffer.concat([int16(FIELDS), ...fields.flatMap((field) => [int32(field.length), field])]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
