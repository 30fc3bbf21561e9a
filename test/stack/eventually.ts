import { vi } from 'vitest';

/** Far longer than a busy machine needs, and shorter than a test may take. */
const LIMIT = { timeout: 90_000 };

/** Repeats assertions until they hold; fails with what the last try said after the time limit. */
export function eventually(assertions: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(assertions, LIMIT);
}
