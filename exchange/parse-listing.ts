import { RetrySoon } from '../domain/failure.js';
import type { Instrument, Turnover } from '../domain/instrument.js';
import { isRecord } from './envelope.js';
import { parseDecimal } from './parse-decimal.js';

/** The longest symbol that the database's column holds, characters. */
const MAX_SYMBOL_LENGTH = 20;

type Row = Readonly<Record<string, unknown>>;

export interface Listing<T> {
  readonly rows: readonly T[];
  /** Symbols of rows that cannot be used, `?` for those without a name. */
  readonly leftOut: readonly string[];
}

/**
 * The pairs that trade now; others are neither rows nor left out.
 *
 * @throws RetrySoon when none is usable, since a venue that lists nothing is not believable
 */
export function parseInstruments(list: readonly unknown[]): Listing<Instrument> {
  const trading = list.filter((row) => !isRecord(row) || row['status'] === 'Trading');
  return readRows(trading, 'instruments', (row) => {
    const { symbol, baseCoin: base, quoteCoin: quote } = row;
    const pricePrecision = parseDecimal(field(row['priceFilter'], 'tickSize'));
    const amountPrecision = parseDecimal(field(row['lotSizeFilter'], 'basePrecision'));
    const usable =
      isName(symbol) && isName(base) && isName(quote) && pricePrecision > 0 && amountPrecision > 0;
    return usable ? { symbol, base, quote, pricePrecision, amountPrecision } : undefined;
  });
}

/** @throws RetrySoon when no row is usable */
export function parseTurnovers(list: readonly unknown[]): Listing<Turnover> {
  return readRows(list, 'tickers', (row) => {
    const { symbol } = row;
    const turnover24h = parseDecimal(row['turnover24h']);
    return isName(symbol) && !Number.isNaN(turnover24h) ? { symbol, turnover24h } : undefined;
  });
}

/** Keeps the first row of each symbol. */
function readRows<T extends { readonly symbol: string }>(
  list: readonly unknown[],
  what: string,
  read: (row: Row) => T | undefined,
): Listing<T> {
  const rows = new Map<string, T>();
  const leftOut: string[] = [];
  for (const row of list) {
    const value = isRecord(row) ? read(row) : undefined;
    if (value === undefined) leftOut.push(nameOf(row));
    else if (!rows.has(value.symbol)) rows.set(value.symbol, value);
  }
  if (rows.size === 0) {
    throw new RetrySoon(`ByBit's list of ${what} has no usable row (${list.length} in all)`);
  }
  return { rows: [...rows.values()], leftOut };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_SYMBOL_LENGTH;
}

function nameOf(row: unknown): string {
  const symbol = field(row, 'symbol');
  return typeof symbol === 'string' && symbol !== '' ? symbol : '?';
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}
