import { MOST_TOP } from '../domain/backfill.js';
import { WrongUse } from '../domain/failure.js';
import { isSymbolName } from '../domain/series.js';
import type { StreamPairs } from '../domain/stream.js';
import { requireWholeNumber } from './parse-number.js';

/** The options that name pairs, as they were typed. */
export interface PairOptions {
  readonly symbols: readonly string[];
  readonly top: string | undefined;
}

export const DEFAULT_TOP = 50;

/** The pairs that are asked for; the top 50 by default. @throws WrongUse */
export function parsePairs(options: PairOptions): StreamPairs {
  return parseNamedPairs(options) ?? { kind: 'top', count: DEFAULT_TOP };
}

/** The same, undefined when neither option was typed. @throws WrongUse */
export function parseNamedPairs({ symbols, top }: PairOptions): StreamPairs | undefined {
  if (symbols.length === 0) {
    if (top === undefined) return undefined;
    return { kind: 'top', count: requireWholeNumber('--top', top, { min: 1, max: MOST_TOP }) };
  }
  if (top !== undefined) {
    throw new WrongUse('--symbol and --top exclude each other: name the pairs, or ask for the top');
  }
  const names = splitList(symbols).map((name) => name.toUpperCase());
  const wrong = names.find((name) => !isSymbolName(name));
  if (wrong !== undefined || names.length === 0) {
    throw new WrongUse(
      `--symbol ${JSON.stringify(wrong ?? '')} is no symbol: write it as ByBit does, such as BTCUSDT`,
    );
  }
  return { kind: 'symbols', symbols: [...new Set(names)].sort() };
}

/** Options may be repeated or joined by commas. */
export function splitList(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}
