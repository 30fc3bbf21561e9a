import type { TickerHash } from '../../storage/ticker-hash.js';
import { formatSeconds, formatShort } from './format.js';
import type { Palette } from './progress-lines.js';
import { renderTable, type Column } from './table.js';

/** A ticker that is older than this is marked, ms. */
export const STALE_MS = 30_000;

/** What stands in the place of what is not known. */
const NONE = '-';

/** A row of the table; without a ticker there is none in the cache. */
export interface PriceRow {
  readonly symbol: string;
  readonly ticker: TickerHash | undefined;
  /** Since the last update, ms. */
  readonly ageMs: number | undefined;
}

interface PriceColumn extends Column {
  readonly cell: (row: PriceRow) => string;
}

/**
 * Prices as a table of at most `width` columns: what has no room is left out, the least important
 * first.
 */
export function priceTable(rows: readonly PriceRow[], width: number, palette: Palette): string[] {
  const { symbol, price, change, high, low, volume, turnover, age } = columns(rows, palette);
  const choices = [
    [symbol, price, change, high, low, volume, turnover, age],
    [symbol, price, change, high, low, turnover, age],
    [symbol, price, change, high, low, age],
    [symbol, price, change, age],
    [symbol, price, change],
  ];
  const least = [symbol, price];
  const chosen = choices.find((choice) => widthOf(choice, rows) <= width) ?? least;
  return renderTable(
    chosen,
    rows.map((row) => chosen.map(({ cell }) => cell(row))),
  );
}

/** Of the table without colours: colours take no room on the screen. */
function widthOf(chosen: readonly PriceColumn[], rows: readonly PriceRow[]): number {
  const plain = chosen.map(({ paint: _, ...column }) => column);
  const lines = renderTable(
    plain,
    rows.map((row) => chosen.map(({ cell }) => cell(row))),
  );
  return Math.max(...lines.map((line) => line.length));
}

type ColumnName = 'symbol' | 'price' | 'change' | 'high' | 'low' | 'volume' | 'turnover' | 'age';

function columns(rows: readonly PriceRow[], palette: Palette): Record<ColumnName, PriceColumn> {
  const right = { align: 'right', minWidth: 10 } as const;
  return {
    symbol: { title: 'SYMBOL', minWidth: 10, cell: ({ symbol }) => symbol },
    price: { ...right, title: 'PRICE', cell: ({ ticker }) => ticker?.last_price ?? NONE },
    change: {
      ...{ ...right, title: '24H', minWidth: 9 },
      cell: ({ ticker }) => changeCell(ticker),
      paint: (text, row) => paintChange(text, rows[row]?.ticker, palette),
    },
    high: { ...right, title: 'HIGH 24H', cell: ({ ticker }) => ticker?.high_24h ?? NONE },
    low: { ...right, title: 'LOW 24H', cell: ({ ticker }) => ticker?.low_24h ?? NONE },
    volume: {
      ...right,
      title: 'VOLUME',
      minWidth: 8,
      cell: (row) => short(row.ticker?.volume_24h),
    },
    turnover: { ...right, title: 'TURNOVER', cell: (row) => short(row.ticker?.turnover_24h) },
    age: {
      ...{ ...right, title: 'AGE', minWidth: 7 },
      cell: ageCell,
      paint: (text, row) => (isStale(rows[row]) ? palette.yellow(text) : text),
    },
  };
}

function changeCell(ticker: TickerHash | undefined): string {
  const change = Number(ticker?.price_24h_pct);
  if (!Number.isFinite(change)) return NONE;
  return `${change > 0 ? '+' : ''}${(change * 100).toFixed(2)} %`;
}

function paintChange(text: string, ticker: TickerHash | undefined, palette: Palette): string {
  const change = Number(ticker?.price_24h_pct);
  if (change > 0) return palette.green(text);
  return change < 0 ? palette.red(text) : text;
}

function short(text: string | undefined): string {
  const number = text === undefined ? NaN : Number(text);
  return Number.isFinite(number) ? formatShort(number) : NONE;
}

/** A word and not a colour alone, for terminals without colours. */
function ageCell(row: PriceRow): string {
  if (row.ageMs === undefined) return NONE;
  const age = formatSeconds(row.ageMs / 1000);
  return isStale(row) ? `stale ${age}` : age;
}

function isStale(row: PriceRow | undefined): boolean {
  return row?.ageMs !== undefined && row.ageMs > STALE_MS;
}
