/** What stands for an option's value in a usage: one letter, as in `--days N`. */
const VALUE_NAMES: Readonly<Record<string, string>> = {
  symbol: 'S',
  timeframe: 'T',
  from: 'T',
  to: 'T',
  now: 'T',
  candles: 'F',
  seed: 'S',
};

/**
 * The parser writes `--days #0` for an option with a value. Letters say more, and one of them with a
 * space takes the same room, so that columns stay aligned.
 */
export function nameValues(usage: string): string {
  return usage.replace(/--([a-z-]+) #0(\]?)/g, (_match, name: string, end: string) => {
    const letter = VALUE_NAMES[name] ?? 'N';
    return end === '' ? `--${name} ${letter} ` : `--${name} ${letter}]`;
  });
}
