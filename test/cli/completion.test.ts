import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands/index.js';
import { runCaptured } from './captured.js';

let script: string;

beforeAll(async () => {
  script = (await runCaptured('completion bash')).stdout;
});

/** What bash offers for a line whose last word is being typed, split as bash splits it. */
function offered(line: string): readonly string[] {
  const words = line.replaceAll('=', ' = ').split(' ');
  const program = `
    eval "$SCRIPT"
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    function_of() { [[ $(complete -p "$1") =~ -F\\ ([a-z_0-9]+) ]] && echo "\${BASH_REMATCH[1]}"; }
    "$(function_of "$1")"
    printf '%s\\n' "\${COMPREPLY[@]}"
  `;
  const output = execFileSync('bash', ['--norc', '-c', program, 'bash', ...words], {
    env: { PATH: process.env['PATH'], SCRIPT: script },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return output.split('\n').filter((word) => word !== '');
}

describe('completion in bash', () => {
  it.each<[string, readonly string[]]>([
    ['m1 ba', ['backfill']],
    ['m1 --v', ['--version']],
    ['npx m1 ba', ['backfill']],
    ['m1 gaps ', ['list', 'check', 'explain', 'repair']],
    ['m1 db ro', ['rollback']],
    ['npx m1 completion ', ['bash']],
    ['m1 stream s', ['stop']],
    ['m1 stream --', ['--symbol', '--top', '--detach', '--json', '--help']],
    ['m1 stream stop --', ['--help']],
    ['m1 backfill --top 5 --d', ['--days', '--dry-run', '--detach']],
    ['m1 backfill --timeframe ', ['5m', '15m', '1h', '4h', '1d']],
    ['m1 backfill --timeframe 1', ['15m', '1h', '1d']],
    ['m1 backfill --timeframe=1', ['15m', '1h', '1d']],
    ['npx m1 gaps list --kind b', ['before_listing']],
    ['m1 backfill --days ', []],
    ['m1 simulate --candles package-l', ['package-lock.json']],
    // an option with a value in `verify`
    ['m1 doctor --venue --j', ['--json']],
    ['m1 nonsense ', []],
    ['npx other ', []],
  ])('%s', (line, words) => {
    expect(offered(line)).toEqual(words);
  });

  it('knows every command', () => {
    const firsts = new Set(COMMANDS.flatMap(({ paths }) => paths.map(([first]) => first)));
    expect(offered('m1 ')).toEqual([...['--help', '--version'], ...[...firsts].sort()]);
  });
});
