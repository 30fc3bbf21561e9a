import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import pg from 'pg';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { isRunning, readStackFile, stackFilePath } from '../../runtime/stack-file.js';
import { readProcessRecord, type RecordedProcess } from '../../stack/process-record.js';
import { findRunningStack, processRecord, stopStack } from '../../stack/running-stack.js';
import { StackAlreadyRunningError, startStack, type RunningStack } from '../../stack/stack.js';
import type { StackOptions } from '../../stack/stack.js';
import { temporaryHome } from './temporary-folder.js';
import { until } from './until.js';

const DEFAULT_PORTS = [5432, 6379, 7233, 8233];

const home = temporaryHome();
const lines: string[] = [];
const options: StackOptions = {
  home: home.folder,
  mode: 'simulated',
  log: (line) => void lines.push(line),
  simulator: { restUrl: 'http://127.0.0.1:1', wsUrl: 'ws://127.0.0.1:1' },
  children: () => [{ name: 'sleeper', command: 'sleep', args: ['600'] }],
};
const occupants = DEFAULT_PORTS.map(() => createServer());
const bystander = spawn('sleep', ['600']);
/** The usual ports that we hold ourselves; somebody else may have the others, now or later. */
let held: number[];
let stack: RunningStack;

function recorded(name: string): RecordedProcess | undefined {
  return readProcessRecord(processRecord(home.folder)).find((item) => item.name === name);
}

function running(name: string): RecordedProcess {
  const found = recorded(name);
  if (found === undefined) throw new Error(`${name} does not run`);
  return found;
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client(stack.file.postgres);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function namespaces(): Promise<string[]> {
  const connection = await Connection.connect({ address: stack.file.temporal.address });
  try {
    const { namespaces: all } = await connection.workflowService.listNamespaces({});
    return all.map((item) => item.namespaceInfo?.name ?? '');
  } finally {
    await connection.close();
  }
}

/** Kills a process of the stack and waits until another one has its place. */
async function killAndAwaitRestart(name: string): Promise<void> {
  const { pid } = running(name).identity;
  process.kill(pid, 'SIGKILL');
  await until(`${name} runs again`, () => {
    const again = lines.includes(`${name} runs again`);
    return again && recorded(name)?.identity.pid !== pid ? true : undefined;
  });
}

beforeAll(async () => {
  await Promise.all(
    occupants.map(
      (server, index) =>
        new Promise((resolve) => {
          server.once('error', resolve).listen(DEFAULT_PORTS[index], '127.0.0.1', () => resolve(0));
        }),
    ),
  );
  held = DEFAULT_PORTS.filter((_, index) => occupants[index]?.listening);
  stack = await startStack(options);
});

afterAll(async () => {
  bystander.kill();
  for (const server of occupants) server.close();
  await stack.stop();
  home.remove();
});

describe('a running stack', () => {
  it('listens elsewhere when the usual ports are taken', () => {
    const { postgres, redis, temporal } = stack.file;
    const ports = [
      postgres.port,
      redis.port,
      ...[temporal.address, temporal.uiUrl ?? ''].map((at) => Number(at.split(':').at(-1))),
    ];
    expect(ports.filter((port) => held.includes(port))).toEqual([]);
    expect(new Set(ports).size).toBe(4);
  });

  it('tells other commands about itself in a file that only its owner reads', () => {
    expect(findRunningStack(home.folder)).toEqual(stack.file);
    expect(stack.file).toMatchObject({
      mode: 'simulated',
      ready: true,
      simulator: options.simulator,
    });
    expect(statSync(stackFilePath(home.folder)).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(home.folder, 'simulated', 'postgres', 'password')).mode & 0o777).toBe(
      0o600,
    );
  });

  it('cannot be started twice', async () => {
    await expect(startStack(options)).rejects.toThrow(StackAlreadyRunningError);
    expect(readStackFile(home.folder)?.owner.pid).toBe(process.pid);
  });

  it('serves the Web UI and demands the password of its database', async () => {
    expect((await fetch(stack.file.temporal.uiUrl ?? '')).status).toBe(200);
    const stranger = new pg.Client({ ...stack.file.postgres, password: 'guess' });
    await expect(stranger.connect()).rejects.toThrow('password authentication failed');
    expect(
      await query(
        "select current_setting('fsync') as fsync, current_setting('listen_addresses') as at",
      ),
    ).toEqual([{ fsync: 'on', at: '127.0.0.1' }]);
  });

  it('starts a killed Temporal again, on its file and at its address', async () => {
    const connection = await Connection.connect({ address: stack.file.temporal.address });
    await connection.workflowService.registerNamespace({
      namespace: 'kept',
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    await connection.close();
    await killAndAwaitRestart('temporal');
    expect(await namespaces()).toContain('kept');
  });

  it('starts a killed PostgreSQL, Redis and child again', async () => {
    await query('create table kept as select 1 as one');
    await Promise.all(['postgres', 'redis', 'sleeper'].map(killAndAwaitRestart));
    expect(await query('select one from kept')).toEqual([{ one: 1 }]);
  });

  it('stops all of its processes and nobody else, and starts again with its data', async () => {
    const all = readProcessRecord(processRecord(home.folder));
    expect(all.map((item) => item.name).sort()).toEqual([
      'postgres',
      'redis',
      'sleeper',
      'temporal',
    ]);
    await stack.stop();
    expect(all.filter((item) => isRunning(item.identity))).toEqual([]);
    expect(existsSync(stackFilePath(home.folder))).toBe(false);
    expect(findRunningStack(home.folder)).toBeUndefined();
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    expect(DEFAULT_PORTS.filter((_, index) => occupants[index]?.listening)).toEqual(held);
    const log = readFileSync(path.join(home.folder, 'simulated', 'logs', 'postgres.log'), 'utf8');
    expect(log.trim().split('\n').at(-1)).toContain('database system is shut down');

    const began = performance.now();
    stack = await startStack(options);
    console.log(`started again in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    expect(await query('select one from kept')).toEqual([{ one: 1 }]);
    expect(await namespaces()).toContain('kept');
  });

  it('is gone with its data after down --purge', async () => {
    await stack.stop();
    expect(await stopStack(home.folder, { log: options.log, purge: true })).toBe(false);
    expect(existsSync(path.join(home.folder, 'simulated'))).toBe(false);
  });
});
