import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Cli } from 'clipanion';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { COMMANDS } from '../../cli/commands/index.js';
import { createProgram } from '../../cli/program.js';
import { runArguments } from '../cli/captured.js';
import { migratedDatabase } from '../servers/fresh-database.js';
import { temporaryFolder } from '../stack/temporary-folder.js';
import { codeBlocks, commandsOfLine, DOCUMENTS, shellCommands } from './code-blocks.js';

/** These start servers of their own, so they are parsed and not run. */
const STARTING = ['up', 'demo', 'simulate', 'dashboard'];

/** Options that name a file to be written, which must not be in the clone. */
const WRITING = ['--report', '--output'];

/** Run with these, a command that is right in itself finds its servers away. */
const AWAY = {
  POSTGRES_PORT: '1',
  REDIS_PORT: '1',
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  BYBIT_REST_URL: 'http://127.0.0.1:1',
  BYBIT_WS_URL: 'ws://127.0.0.1:1',
};

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>;
};

/** Fails when the program does not take this line: its options, and their values too. */
async function expectRight(line: string): Promise<void> {
  const folder = temporaryFolder();
  const argv = line
    .split(/\s+/)
    .map((word, i, words) =>
      WRITING.includes(words[i - 1] ?? '') ? path.join(folder, word) : word,
    );
  createProgram(false).process(argv, Cli.defaultContext);
  if (STARTING.includes(argv[0] ?? '')) return;
  const { exitCode, stderr } = await runArguments(argv, { ...AWAY, M1_HOME: folder });
  expect([0, 1], stderr).toContain(exitCode);
}

/** The arguments of `m1` in a line of a shell; undefined for another program. */
function argumentsOfM1(command: string): string | undefined {
  return /^(?:(?:npx )?m1|node dist\/cli\/main\.js|docker-compose run --rm worker) (.+)$/.exec(
    command,
  )?.[1];
}

const examples = COMMANDS.map(({ usage, paths: [words = []] }) => ({
  command: words.join(' '),
  lines: (usage.examples ?? [])
    .flatMap(([, line]) => commandsOfLine(line.replace('$0', 'm1')))
    .map((line) => argumentsOfM1(line) ?? line),
}));

describe('examples of --help', () => {
  it.each(examples)('$command', async ({ command, lines }) => {
    expect(lines[0]).toMatch(new RegExp(`^${command}(?: |$)`));
    for (const line of lines) await expectRight(line);
  });
});

describe.each(DOCUMENTS)('%s', (document) => {
  const commands = shellCommands(document);
  const lines = [...new Set(commands.flatMap((command) => argumentsOfM1(command) ?? []))];
  const npm = commands.filter((command) => /^npm (?:run|test)\b/.test(command));

  it.runIf(lines.length > 0).each(lines)('m1 %s', async (line) => {
    await expectRight(line);
  });

  it.runIf(npm.length > 0).each(npm)('%s', async (command) => {
    const [, script = '', args] = /^npm (?:run )?(\S+)(?: -- (.+))?$/.exec(command) ?? [];
    expect(Object.keys(scripts)).toContain(script);
    if (script === 'demo' && args !== undefined) await expectRight(`demo ${args}`);
  });

  it('names no command of m1 that there is not', () => {
    const paths = COMMANDS.flatMap((command) => command.paths.map((each) => each.join(' ')));
    const words = [...readFileSync(document, 'utf8').matchAll(/`m1 ([a-z]+)((?: [a-z|\\]+)?)/g)];
    for (const [, first = '', second = ''] of words) {
      const group = second === '' && paths.some((each) => each.startsWith(`${first} `));
      if (group || paths.includes(first)) continue;
      for (const choice of second.trim().split(/\\?\|/)) {
        expect(paths).toContain(`${first} ${choice}`.trim());
      }
    }
  });

  const statements = codeBlocks(document, 'sql');
  it.each(statements.length > 0 ? [statements] : [])(
    'SQL that PostgreSQL takes',
    async (...all) => {
      const database = await migratedDatabase();
      onTestFinished(() => database.drop());
      const client = new pg.Client(database.url);
      await client.connect();
      try {
        for (const statement of all) await client.query(statement);
      } finally {
        await client.end();
      }
    },
  );
});

it('reads the documents', () => {
  expect(shellCommands('README.md').length).toBeGreaterThan(20);
  expect(codeBlocks('README.md', 'sql')).not.toEqual([]);
});

/** The product's sources with their texts in one piece. */
function sources(): string {
  const folders = [
    'activities',
    'cli',
    'dashboard',
    'domain',
    'exchange',
    'runtime',
    'stack',
    'steering',
    'storage',
    'workers',
  ];
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
        path.join(folder, name),
      ),
    )
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
    .replace(/['`]\s*\+\s*['`]/g, '');
}

it('quotes messages as the program writes them', () => {
  const [, section = ''] =
    /^## Troubleshooting$(.*?)^## /ms.exec(readFileSync('README.md', 'utf8')) ?? [];
  const messages = [...section.matchAll(/^\| `(.+?)` \|/gm)].map(([, message = '']) => message);
  expect(messages).toHaveLength(11);
  const written = sources();
  for (const message of messages) {
    // what a message fills in is `...` there, or the address that is the default
    for (const part of message.split(/\.\.\.|localhost:5432/)) expect(written).toContain(part);
  }
});
