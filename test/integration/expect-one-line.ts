import { expect } from 'vitest';

/** One line with the cause and the next step, and no stack trace. */
export function expectOneLine(stderr: string, ...patterns: RegExp[]): void {
  const lines = stderr.trim().split('\n');
  const last = lines.at(-1) ?? '';
  for (const pattern of patterns) expect(last).toMatch(pattern);
  expect(stderr).not.toMatch(/^\s+at .+:\d+:\d+/m);
}
