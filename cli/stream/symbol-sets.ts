import type { StreamPairs, SymbolsChange } from '../../domain/stream.js';
import { plural, symbolsText } from '../render/format.js';

/** Symbols that a change names; the rest are counted. */
const NAMED = 10;

/** Whether two requests ask for the same pairs. */
export function samePairs(a: StreamPairs, b: StreamPairs): boolean {
  if (a.kind === 'top') return b.kind === 'top' && a.count === b.count;
  if (b.kind === 'top') return false;
  const [wanted, other] = [new Set(a.symbols), new Set(b.symbols)];
  return wanted.size === other.size && [...wanted].every((symbol) => other.has(symbol));
}

/** `added A, B; removed C: 50 symbols now`. */
export function changeText({ added, removed, symbols }: SymbolsChange): string {
  const parts = [
    ...(added.length === 0 ? [] : [`added ${symbolsText(added, NAMED)}`]),
    ...(removed.length === 0 ? [] : [`removed ${symbolsText(removed, NAMED)}`]),
  ];
  const what = parts.length === 0 ? 'the same symbols as before' : parts.join('; ');
  return `${what}: ${plural(symbols.length, 'symbol')} now`;
}
