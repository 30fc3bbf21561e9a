import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { CandleDay } from './candle-day.js';
import { type CandleSource } from './candle-day.js';
import type { Scales } from './decimal-writer.js';
import { hashText } from './hash.js';
import { LEAF_MS } from './interval.js';

const HEADER = 'symbol,ts,open,high,low,close,volume';

/** Real 5-minute candles of one symbol; days without rows stay empty. */
export interface RecordedSeries extends Scales {
  readonly symbol: string;
  readonly source: CandleSource;
  readonly firstMs: number;
  /** End of the last candle. */
  readonly endMs: number;
}

interface Decimal {
  readonly digits: string;
  readonly decimals: number;
}

type Row = readonly [openMs: number, ...cells: Decimal[]];

/**
 * Reads files of recorded candles (CSV, gzipped when the name ends in .gz, first line
 * `symbol,ts,open,high,low,close,volume`). Thrown when a line is not what it should be, with its
 * file and number. Turnover is not recorded: volume times close is published.
 */
export async function readRecordedCandles(files: readonly string[]): Promise<RecordedSeries[]> {
  const bySymbol = new Map<string, Map<number, Row>>();
  for (const file of files) {
    const text = await readText(file);
    const lines = text.split(/\r?\n/);
    if (lines[0] !== HEADER) throw new Error(`${file}: the first line must be ${HEADER}`);
    lines.forEach((line, i) => {
      if (i === 0 || line === '') return;
      const { symbol, row } = parseLine(line, `${file}, line ${i + 1}`);
      const rows = bySymbol.get(symbol) ?? new Map<number, Row>();
      if (rows.has(row[0])) throw new Error(`${file}, line ${i + 1}: this candle is there twice`);
      rows.set(row[0], row);
      bySymbol.set(symbol, rows);
    });
  }
  return [...bySymbol].map(([symbol, rows]) => buildSeries(symbol, [...rows.values()]));
}

function parseLine(line: string, where: string): { symbol: string; row: Row } {
  const [symbol, ts, ...cells] = line.split(',');
  const openMs = Number(ts);
  if (symbol === undefined || symbol === '' || cells.length !== 5) {
    throw new Error(`${where}: 7 fields expected`);
  }
  if (!Number.isInteger(openMs) || openMs % LEAF_MS !== 0) {
    throw new Error(`${where}: ${String(ts)} is not the open time (ms) of a 5-minute candle`);
  }
  return { symbol, row: [openMs, ...cells.map((cell) => parseDecimal(cell, where))] };
}

function parseDecimal(text: string, where: string): Decimal {
  const match = /^(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) throw new Error(`${where}: '${text}' is not a number`);
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const places = fraction.length - Number(exponent);
  const digits = whole + fraction;
  return places >= 0
    ? { digits, decimals: places }
    : { digits: digits + '0'.repeat(-places), decimals: 0 };
}

/** Decimals without which a value would change; zeros at the end do not count. */
function neededDecimals({ digits, decimals }: Decimal): number {
  let needed = decimals;
  for (let i = digits.length - 1; needed > 0 && (i < 0 || digits[i] === '0'); i--) needed--;
  return needed;
}

function scaled({ digits, decimals }: Decimal, scale: number): number {
  const value = Number(
    scale >= decimals
      ? digits + '0'.repeat(scale - decimals)
      : digits.slice(0, digits.length - (decimals - scale)) || '0',
  );
  if (!Number.isSafeInteger(value)) throw new Error(`${digits}e-${decimals} has too many digits`);
  return value;
}

function buildSeries(symbol: string, rows: Row[]): RecordedSeries {
  rows.sort((a, b) => a[0] - b[0]);
  const decimalsOf = (from: number, to: number): number =>
    rows.reduce(
      (most, row) =>
        Math.max(most, ...row.slice(from, to).map((cell) => neededDecimals(cell as Decimal))),
      0,
    );
  const scales: Scales = { priceDecimals: decimalsOf(1, 5), lotDecimals: decimalsOf(5, 6) };
  return {
    symbol,
    ...scales,
    source: new RecordedCandles(symbol, rows, scales),
    firstMs: (rows[0] as Row)[0],
    endMs: (rows.at(-1) as Row)[0] + LEAF_MS,
  };
}

class RecordedCandles implements CandleSource {
  readonly pathSeed: number;
  readonly #openMs: Float64Array;
  readonly #cells: readonly Float64Array[];

  constructor(symbol: string, rows: readonly Row[], scales: Scales) {
    this.pathSeed = hashText(symbol);
    this.#openMs = Float64Array.from(rows, (row) => row[0]);
    this.#cells = [1, 2, 3, 4, 5].map((column) =>
      Float64Array.from(rows, (row) =>
        scaled(row[column] as Decimal, column === 5 ? scales.lotDecimals : scales.priceDecimals),
      ),
    );
  }

  fillDay(startMs: number, day: CandleDay): void {
    const [open, high, low, close, volume] = this.#cells as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let row = this.#firstRowFrom(startMs); row < this.#openMs.length; row++) {
      const i = ((this.#openMs[row] as number) - startMs) / LEAF_MS;
      if (i >= day.size) return;
      day.exists[i] = 1;
      day.open[i] = open[row] as number;
      day.high[i] = high[row] as number;
      day.low[i] = low[row] as number;
      day.close[i] = close[row] as number;
      day.volume[i] = volume[row] as number;
      day.average[i] = close[row] as number;
      day.settleTurnover(i);
    }
  }

  #firstRowFrom(timeMs: number): number {
    let [low, high] = [0, this.#openMs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#openMs[middle] as number) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

async function readText(file: string): Promise<string> {
  try {
    const raw = await readFile(file);
    return (file.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${file} cannot be read (${reason}): name a CSV file whose first line is ${HEADER}`,
    );
  }
}
