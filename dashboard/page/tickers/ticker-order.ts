import type { TickerUpdate } from '../../api.js';

export type TickerColumn =
  'symbol' | 'lastPrice' | 'price24hPct' | 'high24h' | 'low24h' | 'turnover24h' | 'updatedAtMs';

export interface TickerSort {
  readonly column: TickerColumn;
  readonly descending: boolean;
}

/** A ticker older than this is not to be trusted as live, ms. */
const STALE_MS = 10_000;

export function isStale(updatedAtMs: number, nowMs: number): boolean {
  return nowMs - updatedAtMs > STALE_MS;
}

/** The tickers whose symbol holds `search`, in the order of `sort`; equal ones by symbol. */
export function orderTickers(
  tickers: Iterable<TickerUpdate>,
  sort: TickerSort,
  search: string,
): readonly TickerUpdate[] {
  const wanted = search.trim().toUpperCase();
  const sign = sort.descending ? -1 : 1;
  return [...tickers]
    .filter(({ symbol }) => symbol.includes(wanted))
    .sort((a, b) => sign * compare(a, b, sort.column) || bySymbol(a, b));
}

/** The sort after a click on the head of `column`: figures start with the largest. */
export function sortBy(sort: TickerSort, column: TickerColumn): TickerSort {
  if (sort.column === column) return { column, descending: !sort.descending };
  return { column, descending: column !== 'symbol' };
}

function compare(a: TickerUpdate, b: TickerUpdate, column: TickerColumn): number {
  if (column === 'symbol') return bySymbol(a, b);
  const difference = Number(a[column]) - Number(b[column]);
  // shown is the age, which is the larger the earlier the time
  return column === 'updatedAtMs' ? -difference : difference;
}

function bySymbol(a: TickerUpdate, b: TickerUpdate): number {
  return a.symbol < b.symbol ? -1 : Number(a.symbol > b.symbol);
}
