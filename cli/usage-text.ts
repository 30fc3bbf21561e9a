/** What stands for an option's value in a usage, as in `--days N`. */
const VALUE_NAMES: Readonly<Record<string, string>> = {
  symbol: 'S',
  timeframe: 'T',
  from: 'T',
  to: 'T',
  now: 'T',
  hours: 'H',
  candles: 'FILE',
  report: 'FILE',
  output: 'FILE',
  format: 'F',
  seed: 'S',
};

/**
 * The parser writes `--days #0` for an option with a value. Names say more; the space behind them
 * shrinks or grows, so that columns stay aligned.
 */
export function nameValues(usage: string): string {
  return usage.replace(/--([a-z-]+) #0(\]| *)/g, (found, name: string, end: string) => {
    const named = `--${name} ${VALUE_NAMES[name] ?? 'N'}`;
    return end === ']' ? `${named}]` : named.padEnd(found.length);
  });
}
