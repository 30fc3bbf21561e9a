import { renderTable } from '../../cli/render/table.js';
import { runCommand } from '../../stack/run-command.js';
import { createBenchDatabase } from '../bench-database.js';
import { databaseVariables, M1_MAIN, programEnvironment } from '../programs.js';
import { atMost, median } from '../statistics.js';
import type { Topic, TopicContext } from '../topic.js';
import { makeUpSeries, SERIES } from './many-series.js';

const ROUNDS = 7;
const TIMEOUT_MS = 60_000;

interface TimedCommand {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly aimSeconds?: number;
}

/** How long commands take that a person waits for. */
export const CLI: Topic = {
  name: 'cli',
  about: `--help, and m1 status at ${SERIES} series`,
  async run(context) {
    const { bed, print } = context;
    const database = await createBenchDatabase(bed.postgres, 'bench_cli');
    try {
      await makeUpSeries(database.sql);
      const env = { ...databaseVariables(database.address), BYBIT_SOURCE: 'simulated' };
      const commands: TimedCommand[] = [
        { name: 'node alone', args: ['-e', '0'] },
        { name: 'm1 --help', args: [M1_MAIN, '--help'], aimSeconds: 0.3 },
        {
          name: `m1 status, ${SERIES} series`,
          args: [M1_MAIN, 'status'],
          env,
          aimSeconds: 0.5,
        },
      ];
      for (const line of await timeCommands(context, commands)) print(line);
    } finally {
      await database.close();
    }
  },
};

/** Each command in turn, several times, so that a disturbance meets all of them. */
async function timeCommands(
  context: TopicContext,
  commands: readonly TimedCommand[],
): Promise<string[]> {
  const seconds = commands.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, command] of commands.entries()) {
      seconds[i]?.push(await timeCommand(context, command));
    }
  }
  const columns = [
    { title: 'command' },
    { title: '/ node alone', align: 'right' },
    { title: 'seconds', align: 'right' },
    { title: 'best', align: 'right' },
    { title: 'aim' },
  ] as const;
  const alone = median(seconds[0] ?? []);
  const lines = commands.map(({ name, aimSeconds }, i) => {
    const middle = median(seconds[i] ?? []);
    return [
      name,
      (middle / alone).toFixed(1),
      middle.toFixed(2),
      Math.min(...(seconds[i] ?? [])).toFixed(2),
      aimSeconds === undefined ? '' : `${aimSeconds} s: ${atMost(middle, aimSeconds)}`,
    ];
  });
  return [...renderTable(columns, lines), '', `seconds: median of ${ROUNDS}`];
}

async function timeCommand({ bed, signal }: TopicContext, command: TimedCommand): Promise<number> {
  const startedAt = performance.now();
  const result = await runCommand(process.execPath, command.args, {
    timeoutMs: TIMEOUT_MS,
    env: programEnvironment(bed, command.env),
    cwd: bed.folder,
    signal,
  });
  if (!result.ok) throw new Error(`${command.name} failed: ${result.reason}`);
  return (performance.now() - startedAt) / 1000;
}
