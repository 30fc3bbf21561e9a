import { reasonOf } from '../../domain/failure.js';
import type { Palette } from '../render/progress-lines.js';

/** What one look at the set-up found; `text` says what to do where something is wrong. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly text: string;
}

const NAME_WIDTH = 14;

export function ok(name: string, text: string): Check {
  return { name, state: 'ok', text };
}

export function warn(name: string, text: string): Check {
  return { name, state: 'warn', text };
}

export function fail(name: string, text: string): Check {
  return { name, state: 'fail', text };
}

/** Checks one after the other; what is thrown becomes a failed check of that name. */
export async function failingAs(
  name: string,
  look: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (error) {
    return [fail(name, reasonOf(error))];
  }
}

/** A line for each check. */
export function checkLines(checks: readonly Check[], palette: Palette): string[] {
  const colour = { ok: palette.green, warn: palette.yellow, fail: palette.red };
  return checks.map(
    ({ name, state, text }) =>
      `${colour[state](state.padEnd(4))}  ${name.padEnd(NAME_WIDTH)}  ${text}`,
  );
}
