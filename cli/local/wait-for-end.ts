import { setTimeout as sleep } from 'node:timers/promises';
import type { Shutdown } from '../../runtime/shutdown.js';
import { readStackFile } from '../../runtime/stack-file.js';
import { say, type CommandIo } from '../io.js';
import type { LocalStack } from './local-stack.js';

const LOOK_MS = 1_000;

/** Returns at Ctrl-C, or when a stack of another process ends. */
export async function waitForEnd(
  { started }: LocalStack,
  home: string,
  shutdown: Shutdown,
  io: CommandIo,
): Promise<void> {
  if (started) {
    await shutdown.requested();
    say(io, 'stopping');
    return;
  }
  while (!shutdown.signal.aborted) {
    if (readStackFile(home) === undefined) {
      say(io, 'the stack has ended');
      return;
    }
    await sleep(LOOK_MS, undefined, { signal: shutdown.signal }).catch(() => undefined);
  }
}
