#!/usr/bin/env node
import { runProgram } from './program.js';

/** Nobody reads any more: a pipe into `head`, a terminal that was closed. */
const READER_GONE = new Set(['EPIPE', 'EIO']);

const streams = [process.stdout, process.stderr];

let lost: Error | undefined;

// That is no reason to leave servers behind: the command goes on to its end without its output.
for (const stream of streams) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!READER_GONE.has(error.code ?? '')) lost ??= error;
  });
}

const exitCode = await runProgram(process.argv.slice(2));

// Everything is closed by now but the native part of Temporal's worker, whose threads would keep a
// worker that could not start alive. What was written must be out before the exit.
await Promise.all(
  streams.map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))),
);

// a full disk for example; a command that has failed has said why
if (lost !== undefined && exitCode === 0) {
  process.stderr.write(
    `m1: the output could not be written (${lost.message}): free space, or send it elsewhere\n`,
    () => process.exit(1),
  );
} else {
  process.exit(exitCode);
}
