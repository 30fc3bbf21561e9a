import { isSymbolName } from '../../../domain/series.js';

/** What is wrong with these symbols, and how to write them; undefined: nothing. */
export function symbolFault(names: readonly string[]): string | undefined {
  if (names.length === 0) return 'Name at least one symbol, such as BTCUSDT';
  const wrong = names.find((name) => !isSymbolName(name));
  if (wrong === undefined) return undefined;
  const bare = wrong.replaceAll(/[^A-Z0-9]/g, '');
  return isSymbolName(bare)
    ? `${wrong}: ByBit writes it ${bare}`
    : `${wrong} is no symbol: write it as ByBit does, such as BTCUSDT`;
}
