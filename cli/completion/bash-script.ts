import { GAP_KINDS } from '../../domain/gap.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import type { CompletedCommand } from './command-tree.js';

/** Values of options that have a fixed set of them. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  '--timeframe': TIMEFRAMES,
  '--kind': GAP_KINDS,
  '--format': ['csv', 'parquet', 'jsonl'],
};

/** Options that name a file. */
const FILES = ['--candles', '--report', '--output'];

/**
 * A completion script for bash 3.2 and newer. It holds all words itself, because asking the program at
 * each Tab would take a third of a second.
 */
export function bashScript(commands: readonly CompletedCommand[]): string {
  return `# Completion of m1 for bash, made by: m1 completion bash

# $1: place of m1 in the line
_m1_at() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local first=\${COMP_WORDS[$1+1]} second=\${COMP_WORDS[$1+2]} words=
  COMPREPLY=()
  # bash takes --option=value apart
  if [ "$cur" = = ]; then cur=
  elif [ "$prev" = = ]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $prev in
${optionCases(commands)}
  esac
  if [ "$COMP_CWORD" -eq $(($1 + 1)) ]; then
    words='${topWords(commands).join(' ')}'
  else
    if [ "$COMP_CWORD" -eq $(($1 + 2)) ]; then
      second=
      case $first in
${groupCases(commands)}
      esac
    fi
    case "$first $second" in
${commandCases(commands)}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

_m1() { _m1_at 0; }

_npx_m1() { [ "\${COMP_WORDS[1]}" = m1 ] && [ "$COMP_CWORD" -gt 1 ] && _m1_at 1; }

complete -F _m1 m1
# npx m1, unless something completes npx already
complete -p npx >/dev/null 2>&1 || complete -o default -F _npx_m1 npx
`;
}

/** An option with a value in one command and without one in another is left to the words. */
function optionCases(commands: readonly CompletedCommand[]): string {
  const options = commands.flatMap((command) => command.options);
  const namesWhere = (takesValue: boolean): readonly string[] =>
    options.filter((option) => option.takesValue === takesValue).flatMap((option) => option.names);
  const plain = new Set(namesWhere(false));
  const names = [...new Set(namesWhere(true))].filter((name) => !plain.has(name)).sort();
  return names
    .map((name) => {
      const values = VALUES[name];
      const reply =
        values !== undefined
          ? `COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$cur")); return`
          : FILES.includes(name)
            ? 'COMPREPLY=($(compgen -f -- "$cur")); return'
            : 'return';
      return `    ${name}) ${reply} ;;`;
    })
    .join('\n');
}

function topWords(commands: readonly CompletedCommand[]): readonly string[] {
  return [...new Set(commands.map(({ words }) => words[0] ?? '')), '--help', '--version'].sort();
}

/** What may follow the first word beside options. */
function groupCases(commands: readonly CompletedCommand[]): string {
  const groups = new Map<string, string[]>();
  for (const { words } of commands) {
    const [first, second] = words;
    if (first !== undefined && second !== undefined) {
      groups.set(first, [...(groups.get(first) ?? []), second]);
    }
  }
  return [...groups]
    .map(([first, seconds]) => `        ${first}) words='${seconds.join(' ')}' ;;`)
    .join('\n');
}

/** Commands of two words first: `stream stop` is not \`stream\`. */
function commandCases(commands: readonly CompletedCommand[]): string {
  return commands
    .toSorted((a, b) => b.words.length - a.words.length)
    .map(({ words, options }) => {
      const pattern = words.length > 1 ? `'${words.join(' ')}'` : `'${words[0] ?? ''} '*`;
      const names = options.flatMap((option) => option.names).join(' ');
      return `      ${pattern}) words="$words ${names}" ;;`;
    })
    .join('\n');
}
