import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'vitest';

const TURNS = 20;

/** Fails unless it ends within a few turns of the event loop: nothing waited for a timer. */
export async function endsAtOnce(ending: Promise<void>): Promise<void> {
  let ended = false;
  const told = ending.then(() => (ended = true));
  for (let turn = 0; turn < TURNS && !ended; turn++) await nextTurn();
  expect(ended).toBe(true);
  await told;
}
