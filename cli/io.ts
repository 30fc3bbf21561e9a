import type { ViewStream } from './render/run-view.js';

/** The streams and the environment of a command. */
export interface CommandIo {
  readonly stdout: ViewStream;
  readonly stderr: ViewStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Tells the user something that is not a result. */
export function say({ stderr }: CommandIo, line: string): void {
  stderr.write(`${line}\n`);
}

/** Writes lines of a result. */
export function print({ stdout }: CommandIo, lines: readonly string[]): void {
  stdout.write(`${lines.join('\n')}\n`);
}

/** Writes a JSON document, the only thing on stdout. */
export function printJson({ stdout }: CommandIo, document: unknown): void {
  stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
