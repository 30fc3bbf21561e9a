import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { identifyProcess } from '../../runtime/stack-file.js';
import { lockHolder, releaseLock, takeLock, withLock } from '../../stack/lock.js';
import { temporaryFolder } from './temporary-folder.js';

it('is taken once, and again after it was given back', () => {
  const file = path.join(temporaryFolder(), 'lock');
  expect(takeLock(file)).toBe(true);
  expect(takeLock(file)).toBe(false);
  expect(lockHolder(file)?.pid).toBe(process.pid);
  releaseLock(file);
  expect(takeLock(file)).toBe(true);
});

it('takes over the lock of a process that was killed', async () => {
  const file = path.join(temporaryFolder(), 'lock');
  const holder = spawn('sleep', ['600']);
  await once(holder, 'spawn');
  writeFileSync(file, JSON.stringify(identifyProcess(holder.pid ?? 0)));
  expect(takeLock(file)).toBe(false);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(lockHolder(file)).toBeUndefined();
  expect(takeLock(file)).toBe(true);
});

it('takes over a lock whose pid was given to another process, and one that is damaged', () => {
  const file = path.join(temporaryFolder(), 'lock');
  writeFileSync(file, JSON.stringify({ pid: process.pid, started: 'earlier' }));
  expect(takeLock(file)).toBe(true);
  writeFileSync(file, '{"pid":');
  expect(takeLock(file)).toBe(true);
});

it('runs the work of several one after the other', async () => {
  const file = path.join(temporaryFolder(), 'lock');
  let inside = 0;
  let waited = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise(setImmediate);
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withLock(file, work, () => (waited += 1))));
  expect(waited).toBe(2);
  expect(existsSync(file)).toBe(false);
});
