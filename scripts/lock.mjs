// A lock file for the set-up scripts: two of them in one clone must not install or build at once.
// (stack/lock.ts does the same for the servers; this one has to run before anything is compiled.)
import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';

const POLL_MS = 200;

/** Runs `work` while no other process holds the lock of this name in this clone. */
export async function withLock(root, name, work, onWait) {
  const clone = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const file = path.join(tmpdir(), `m1-${name}-${userInfo().uid}-${clone}.lock`);
  let told = false;
  while (!take(file)) {
    if (!told) onWait();
    told = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  // written aside and linked into place, so nobody ever reads a lock without its content
  const mine = `${file}.${randomUUID()}`;
  writeFileSync(mine, identity(process.pid));
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isStale(file)) removeStale(file);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

function removeStale(file) {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    // another process may have replaced the stale lock between our look and the rename
    if (!isStale(aside)) linkSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

function isStale(file) {
  try {
    const written = readFileSync(file, 'utf8');
    return identity(Number(written.split(' ')[0])) !== written;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

/** pid and start time: a pid alone may have been given to another process since. */
function identity(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    try {
      process.kill(pid, 0);
      return `${pid} running`;
    } catch (error) {
      return error.code === 'EPERM' ? `${pid} running` : `${pid} gone`;
    }
  }
}
