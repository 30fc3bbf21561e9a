import { spawnSync } from 'node:child_process';
import { onTestFinished, type TestContext } from 'vitest';
import { temporaryFolder } from './temporary-folder.js';

/** A folder that holds so many megabytes, until the test ends; skips the test where none may be mounted. */
export function smallDisk({ skip }: Pick<TestContext, 'skip'>, megabytes: number): string {
  const folder = temporaryFolder();
  const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder];
  const mount = spawnSync('mount', options);
  if (mount.status !== 0) skip(`mounting is not permitted here: ${mount.stderr.toString()}`);
  onTestFinished(() => {
    spawnSync('umount', [folder]);
  });
  return folder;
}
