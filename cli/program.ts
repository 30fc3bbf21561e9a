import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { Builtins, Cli, type BaseContext, type Command } from 'clipanion';
import { cloneRootOf } from './clone-root.js';
import { COMMANDS } from './commands/index.js';
import { EXIT } from './exit-codes.js';
import { M1Command } from './m1-command.js';
import { reportFailure } from './report-failure.js';
import { syntaxFault } from './syntax-fault.js';
import { groupUsage, nameValues } from './usage-text.js';

/**
 * Runs one command line.
 *
 * @param context what replaces the streams and the environment of this process
 * @returns the exit code
 */
export async function runProgram(
  argv: readonly string[],
  context: Partial<BaseContext> = {},
): Promise<number> {
  const full: BaseContext = { ...Cli.defaultContext, ...context };
  const program = createProgram(wantsColours(full));
  let command: Command;
  try {
    command = program.process([...argv], full);
  } catch (error) {
    const fault = syntaxFault(
      error,
      argv,
      COMMANDS.flatMap(({ paths }) => paths),
    );
    if (fault === undefined) return reportFailure(error, full);
    if (argv.includes('--help') || argv.includes('-h')) {
      full.stdout.write(nameValues(groupUsage(program.definitions(), argv) ?? program.usage()));
      return EXIT.done;
    }
    full.stderr.write(`m1: ${fault}\n`);
    return EXIT.wrongUse;
  }
  if (command instanceof M1Command && !command.help) return program.run(command, full);
  return showUsage(program, command, full);
}

/** The parser with all commands. */
export function createProgram(enableColors: boolean): Cli {
  const program = new Cli({
    binaryLabel: 'M1, ByBit spot market data',
    binaryName: 'm1',
    binaryVersion: packageVersion(),
    enableColors,
  });
  for (const command of [Builtins.HelpCommand, Builtins.VersionCommand, ...COMMANDS]) {
    program.register(command);
  }
  return program;
}

/** The parser decides by the environment alone, also when the output is a file. */
function wantsColours({ stdout, env }: BaseContext): boolean {
  const isTerminal = 'isTTY' in stdout && stdout.isTTY === true;
  return isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

async function showUsage(program: Cli, command: Command, context: BaseContext): Promise<number> {
  const chunks: string[] = [];
  const stdout = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  const exitCode = await program.run(command, { ...context, stdout });
  context.stdout.write(nameValues(chunks.join('')));
  return exitCode;
}

function packageVersion(): string {
  const file = path.join(cloneRootOf(import.meta.url), 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
