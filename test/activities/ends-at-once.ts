import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'vitest';

const TURNS = 20;

/** Fails unless it ends within a few turns of the event loop: nothing waited for a timer. */
export async function endsAtOnce(ending: Promise<void>): Promise<void> {
  const ended = ending.then(() => 'ended');
  expect(await Promise.race([ended, aFewTurns()])).toBe('ended');
}

async function aFewTurns(): Promise<string> {
  for (let turn = 0; turn < TURNS; turn++) await nextTurn();
  return 'a timer is waited for';
}
