import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { cloneRoot } from '../../runtime/stack-file.js';

const SETUP = path.join(cloneRoot(), 'scripts', 'setup.mjs');

function setUp(...nodeOptions: string[]): {
  status: number | null;
  stdout: string;
  stderr: string;
} {
  return spawnSync(process.execPath, [...nodeOptions, SETUP], { encoding: 'utf8' });
}

beforeAll(() => {
  const first = setUp();
  expect(first.status, first.stderr).toBe(0);
});

it('is silent and quick when there is nothing to do', () => {
  const took = [1, 2, 3].map(() => {
    const began = performance.now();
    expect(setUp()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    return performance.now() - began;
  });
  // 0.1 s on an idle machine; what a busy one adds differs from time to time
  expect(Math.min(...took)).toBeLessThan(2_000);
});

it('refuses a Node that is too old in one line', () => {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '20.18.3' })`;
  const { status, stdout, stderr } = setUp(
    '--import',
    `data:text/javascript,${encodeURIComponent(pretend)}`,
  );
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toBe('m1: Node 20.18.3 is too old: install Node 20.19 or newer\n');
});
