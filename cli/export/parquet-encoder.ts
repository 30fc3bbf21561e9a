import { ByteWriter, ParquetWriter, type ColumnSource, type SchemaElement } from 'hyparquet-writer';
import type { TimedCandle } from '../../domain/verify.js';
import { VALUE_COLUMNS, type CandleEncoder, type WriteBytes } from './candle-encoder.js';

/** Rows that are in memory at a time. Readers skip whole groups by their first and last time. */
const ROW_GROUP = 50_000;

/** The older annotation too, for readers that do not know the newer one. */
const SCHEMA: SchemaElement[] = [
  { name: 'root', num_children: 1 + VALUE_COLUMNS.length },
  {
    name: 'timestamp',
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    repetition_type: 'REQUIRED',
  },
  ...VALUE_COLUMNS.map((name): SchemaElement => ({
    name,
    type: 'DOUBLE',
    repetition_type: name === 'turnover' ? 'OPTIONAL' : 'REQUIRED',
  })),
];

/** Parquet: `timestamp` in ms of UTC, values as doubles, row groups compressed by Snappy. */
export class ParquetEncoder implements CandleEncoder {
  readonly #bytes: FlushedWriter;
  readonly #writer: ParquetWriter;
  #rows: TimedCandle[] = [];

  constructor(write: WriteBytes) {
    this.#bytes = new FlushedWriter(write);
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema: SCHEMA, createdBy: 'm1' });
  }

  async write(candles: readonly TimedCandle[]): Promise<void> {
    this.#rows.push(...candles);
    if (this.#rows.length >= ROW_GROUP) await this.#writeGroup();
  }

  async finish(): Promise<void> {
    if (this.#rows.length > 0) await this.#writeGroup();
    await this.#writer.finish();
    await this.#bytes.flush();
  }

  async #writeGroup(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    await this.#writer.write({ columnData: columnsOf(rows), rowGroupSize: rows.length });
  }
}

function columnsOf(rows: readonly TimedCandle[]): ColumnSource[] {
  return [
    {
      name: 'timestamp',
      data: BigInt64Array.from(rows, ({ timeMs }) => BigInt(timeMs)),
      encoding: 'DELTA_BINARY_PACKED',
    },
    ...VALUE_COLUMNS.map((name) => ({ name, data: rows.map((row) => row[name]) })),
  ];
}

/** Hands over its bytes after each row group, and keeps its buffer. */
class FlushedWriter extends ByteWriter {
  readonly #write: WriteBytes;

  constructor(write: WriteBytes) {
    super();
    this.#write = write;
  }

  async flush(): Promise<void> {
    if (this.index > 0) await this.#write(this.getBytes());
    this.index = 0;
  }
}
