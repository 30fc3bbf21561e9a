import { Shutdown } from '../runtime/shutdown.js';
import { say, type CommandIo } from './io.js';

/**
 * Runs work that Ctrl-C or SIGTERM ends early through its signal; what the work added to the shutdown
 * is stopped afterwards in any case.
 */
export async function interruptible<T>(
  io: CommandIo,
  work: (shutdown: Shutdown) => Promise<T>,
): Promise<T> {
  const shutdown = new Shutdown({ log: (line) => say(io, line) });
  try {
    return await work(shutdown);
  } finally {
    await shutdown.run();
  }
}
