/** What the parser knows of a command. */
interface KnownCommand {
  readonly path: string;
  readonly usage: string;
  readonly description?: string;
}

/** The commands that begin with the word that was typed. @returns undefined when none does */
export function groupUsage(
  commands: readonly KnownCommand[],
  [group]: readonly string[],
): string | undefined {
  const members = commands
    .filter(({ path }) => path.startsWith(`m1 ${group} `))
    .sort((a, b) => a.path.localeCompare(b.path));
  if (group === undefined || members.length === 0) return undefined;
  const lines = members.map(
    ({ usage, description = '' }) =>
      `  ${usage}\n    ${description.charAt(0).toLowerCase()}${description.slice(1).trimEnd()}\n`,
  );
  return `${lines.join('\n')}\nm1 ${group} COMMAND --help has details and examples.\n`;
}

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
