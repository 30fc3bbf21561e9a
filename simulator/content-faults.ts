import type { ApiAnswer, Query } from './envelope.js';
import type { ContentFault } from './fault-rule.js';
import { findInterval } from './interval.js';

type Cell = string | null;
type Row = Cell[];

/** Spoils the content of a good answer; errors of the venue pass unchanged. */
export function spoilContent(
  answer: ApiAnswer,
  kind: ContentFault,
  rows: number,
  query: Query,
): ApiAnswer {
  if (answer.retCode !== 0) return answer;
  if (kind === 'resultNull') return { ...answer, result: 'null' };
  const result = JSON.parse(answer.result.toString()) as { list?: unknown };
  if (!Array.isArray(result.list)) return answer;
  const list = spoilList(result.list as Row[], kind, rows, query);
  return { ...answer, result: JSON.stringify({ ...result, list }) };
}

function spoilList(list: Row[], kind: ContentFault, count: number, query: Query): unknown {
  const middle = Math.max(0, Math.floor((list.length - count) / 2));
  const chosen = (i: number): boolean => i >= middle && i < middle + count;
  const spoil = (change: (row: Row) => unknown[]): unknown[] =>
    list.flatMap((row, i) => (chosen(i) ? change(row) : [row]));
  switch (kind) {
    case 'listNull':
      return null;
    case 'listEmpty':
      return [];
    case 'unsorted':
      return swapFirst([...list].reverse());
    case 'duplicates':
      return spoil((row) => [row, row]);
    case 'conflicts':
      return spoil((row) => [row, conflicting(row)]);
    case 'outside':
      return withOutside(list, query);
    case 'nullCells':
      return spoil((row) => [setPrices(row, null)]);
    case 'emptyCells':
      return spoil((row) => [setPrices(row, '')]);
    case 'nonNumeric':
      return spoil((row) => [setPrices(row, 'abc')]);
    case 'offGrid':
      return spoil((row) => [moved(row, 1000)]);
    case 'missingRows':
      return spoil(() => []);
    case 'shortRows':
      return spoil((row) => [row.slice(0, 3)]);
    default:
      return list;
  }
}

function swapFirst(list: Row[]): Row[] {
  const [first, second, ...rest] = list;
  return first === undefined || second === undefined ? list : [second, first, ...rest];
}

function setPrices(row: Row, value: Cell): Row {
  return [row[0] ?? null, value, value, value, value, ...row.slice(5)];
}

/** The same candle with its open as close, and twice the volume and turnover. */
function conflicting(row: Row): Row {
  const [time = null, open = null, high = null, low = null, , volume, turnover] = row;
  return [time, open, high, low, open, twice(volume), twice(turnover)];
}

function twice(text: Cell | undefined): string {
  return String(Number(text) * 2 + 1);
}

function moved(row: Row, byMs: number): Row {
  return [String(Number(row[0]) + byMs), ...row.slice(1)];
}

function withOutside(list: Row[], query: Query): Row[] {
  const [newest, oldest] = [list[0], list.at(-1)];
  const interval = findInterval(query.get('interval') ?? '');
  if (newest === undefined || oldest === undefined || interval === undefined) return list;
  const firstMs = interval.floor(Number(query.get('start') ?? oldest[0]));
  const lastMs = interval.floor(Number(query.get('end') ?? newest[0]));
  const at = (row: Row, openMs: number): Row => [String(openMs), ...row.slice(1)];
  return [at(newest, interval.next(lastMs)), ...list, at(oldest, interval.floor(firstMs - 1))];
}
