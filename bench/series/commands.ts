import { runCommand } from '../../stack/run-command.js';
import type { BenchDatabase } from '../bench-database.js';
import { databaseVariables, M1_MAIN, programEnvironment } from '../programs.js';
import type { TopicContext } from '../topic.js';

const ROUNDS = 9;
const TIMEOUT_MS = 60_000;

/** A process from its start to its end, several times. */
export interface TimedCommand {
  readonly name: string;
  readonly seconds: readonly number[];
  readonly aimSeconds: number | undefined;
}

interface Command {
  readonly name: string;
  readonly args: readonly string[];
  readonly aimSeconds?: number;
}

/** The first is what the others are compared with. */
const COMMANDS: readonly Command[] = [
  { name: 'node alone', args: ['-e', '0'] },
  { name: 'm1 --help', args: [M1_MAIN, '--help'], aimSeconds: 0.3 },
  { name: 'm1 status', args: [M1_MAIN, 'status'], aimSeconds: 0.5 },
  { name: 'm1 status --json', args: [M1_MAIN, 'status', '--json'], aimSeconds: 0.5 },
  { name: 'm1 gaps list --json', args: [M1_MAIN, 'gaps', 'list', '--json'] },
];

/** Each command in turn, several times, so that a disturbance meets all of them. */
export async function timeCommands(
  context: TopicContext,
  database: BenchDatabase,
): Promise<readonly TimedCommand[]> {
  const env = programEnvironment(context.bed, databaseVariables(database.address));
  const seconds = COMMANDS.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, command] of COMMANDS.entries()) {
      seconds[i]?.push(await timeCommand(context, command, env));
    }
  }
  return COMMANDS.map(({ name, aimSeconds }, i) => ({
    ...{ name, aimSeconds },
    seconds: seconds[i] ?? [],
  }));
}

async function timeCommand(
  { bed, signal }: TopicContext,
  { name, args }: Command,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const startedAt = performance.now();
  const result = await runCommand(process.execPath, args, {
    timeoutMs: TIMEOUT_MS,
    env,
    cwd: bed.folder,
    signal,
  });
  if (!result.ok) throw new Error(`${name} failed: ${result.reason}`);
  return (performance.now() - startedAt) / 1000;
}
