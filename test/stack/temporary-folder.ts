import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is removed when the test ends; others may pass through it unless `mode` says not. */
export function temporaryFolder(mode = 0o755): string {
  const { folder, remove } = temporaryHome(mode);
  onTestFinished(remove);
  return folder;
}

/** The same for a whole test file, which has to remove it itself. */
export function temporaryHome(mode = 0o755): {
  readonly folder: string;
  readonly remove: () => void;
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'm1-stack-'));
  chmodSync(folder, mode);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
