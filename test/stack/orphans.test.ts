import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { cloneRoot, identifyProcess, isRunning, readStackFile } from '../../runtime/stack-file.js';
import {
  readProcessRecord,
  stopOrphans,
  writeProcessRecord,
  type RecordedProcess,
} from '../../stack/process-record.js';
import {
  findRunningStack,
  processRecord,
  stopStack,
  waitForRunningStack,
} from '../../stack/running-stack.js';
import { temporaryFolder } from './temporary-folder.js';
import { until } from './until.js';

// What `m1 up` does with a stack, in a process of its own that a test can kill.
const OWNER = `
  import { startStack } from './dist/stack/stack.js';
  const abort = new AbortController();
  const keepAlive = setInterval(() => undefined, 60_000);
  const stopped = new Promise((resolve) => {
    const stop = () => resolve(abort.abort());
    process.once('SIGINT', stop).once('SIGTERM', stop);
  });
  const stack = await startStack({
    home: process.argv[1],
    mode: 'simulated',
    ports: 'any',
    log: console.log,
    children: () => [{ name: 'sleeper', command: 'sleep', args: ['600'] }],
    signal: abort.signal,
  });
  await stopped;
  await stack.stop();
  clearInterval(keepAlive);
`;

interface Owner {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<unknown[]>;
}

/** Another process that runs a stack, as `m1 up` does. */
function startOwner(home: string): Owner {
  const child = spawn(process.execPath, ['--input-type=module', '-e', OWNER, home], {
    cwd: cloneRoot(),
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (text += data.toString()));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await stopStack(home, { log: () => undefined, purge: true });
  });
  return { child, output: () => text, exited: once(child, 'exit') };
}

async function ready(home: string, owner: Owner): Promise<readonly RecordedProcess[]> {
  await until('the stack is ready', () => {
    if (owner.child.exitCode !== null) throw new Error(owner.output());
    return findRunningStack(home);
  });
  return readProcessRecord(processRecord(home));
}

beforeAll(() => {
  // the owner runs the compiled code
  const build = spawnSync(process.execPath, [path.join(cloneRoot(), 'scripts', 'build.mjs')], {
    encoding: 'utf8',
  });
  expect(build.status, build.stderr).toBe(0);
});

it('finds the servers of a stack that was killed, stops them, and starts anew', async () => {
  const home = temporaryFolder();
  const first = startOwner(home);
  const left = await ready(home, first);
  expect(left).toHaveLength(4);
  first.child.kill('SIGKILL');
  await first.exited;
  expect(left.filter((item) => isRunning(item.identity))).toHaveLength(4);
  expect(readStackFile(home)).toBeUndefined();

  const second = startOwner(home);
  await ready(home, second);
  expect(left.filter((item) => isRunning(item.identity))).toEqual([]);
  expect(second.output()).toContain('left by a stack that was killed');
});

it('lets down stop what a killed stack left', async () => {
  const home = temporaryFolder();
  const owner = startOwner(home);
  const left = await ready(home, owner);
  owner.child.kill('SIGKILL');
  await owner.exited;
  expect(await stopStack(home, { log: () => undefined })).toBe(true);
  expect(left.filter((item) => isRunning(item.identity))).toEqual([]);
});

it('stops in order when Ctrl-C reaches the whole process group of the owner', async () => {
  const home = temporaryFolder();
  const owner = startOwner(home);
  const processes = await ready(home, owner);
  process.kill(-(owner.child.pid ?? 0), 'SIGINT');
  expect(await owner.exited).toEqual([0, null]);
  expect(processes.filter((item) => isRunning(item.identity))).toEqual([]);
  const log = readFileSync(path.join(home, 'simulated', 'logs', 'postgres.log'), 'utf8');
  expect(log.trim().split('\n').at(-1)).toContain('database system is shut down');
});

it('lets down stop a stack of another process, also while it is starting', async () => {
  const home = temporaryFolder();
  const owner = startOwner(home);
  await until('a server was started', () =>
    readProcessRecord(processRecord(home)).length > 0 ? true : undefined,
  );
  const waiting = waitForRunningStack(home, 240_000);
  expect(await stopStack(home, { log: () => undefined })).toBe(true);
  await owner.exited;
  expect(await waiting).toBeUndefined();
});

it('never kills a process that was given the pid of an old one', async () => {
  const file = path.join(temporaryFolder(), 'processes.json');
  const stranger = spawn('sleep', ['600']);
  await once(stranger, 'spawn');
  onTestFinished(() => void stranger.kill());
  const pid = stranger.pid ?? 0;
  writeProcessRecord(file, [
    { name: 'redis', identity: { pid, started: 'earlier' }, stopSignal: 'SIGTERM' },
  ]);
  expect(await stopOrphans(file, () => undefined)).toBe(0);
  expect(identifyProcess(pid)).toBeDefined();
});

it('takes a damaged record for an empty one', async () => {
  const file = path.join(temporaryFolder(), 'processes.json');
  writeFileSync(file, '[{"name":');
  expect(await stopOrphans(file, () => undefined)).toBe(0);
});
