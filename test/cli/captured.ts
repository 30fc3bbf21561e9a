import { Writable } from 'node:stream';
import { runProgram } from '../../cli/program.js';

/** What a command wrote and exited with. */
export interface Captured {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, where no server is configured. */
export async function runCaptured(
  line: string,
  env: Record<string, string> = {},
): Promise<Captured> {
  return runArguments(line === '' ? [] : line.split(' '), env);
}

/** As `runCaptured`, with arguments as a shell hands them over. */
export async function runArguments(
  argv: readonly string[],
  env: Record<string, string>,
): Promise<Captured> {
  const stdout = collector();
  const stderr = collector();
  const exitCode = await runProgram(argv, { stdout, stderr, env });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function collector(): Writable & { text: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  return Object.assign(stream, { text: () => chunks.join('') });
}
