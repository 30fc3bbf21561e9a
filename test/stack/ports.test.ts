import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../runtime/free-port.js';
import { listensOn, startOnPort } from '../../stack/ports.js';
import { AddressInUseError, StackError } from '../../stack/stack-error.js';
import { takenPort } from './taken-port.js';

it('tries another port when the server finds its port taken, but never instead of a fixed one', async () => {
  const asked: number[] = [];
  const preferred = await freePort();
  const start = (port: number): Promise<number> => {
    asked.push(port);
    return asked.length < 3
      ? Promise.reject(new AddressInUseError('taken'))
      : Promise.resolve(port);
  };
  expect(await startOnPort({ preferred }, start)).toBe(asked[2]);
  expect(asked[0]).toBe(preferred);
  // the system may well give the same free port twice
  expect(asked).toHaveLength(3);
  const refuse = (): Promise<never> => Promise.reject(new AddressInUseError('taken'));
  await expect(startOnPort({ fixed: preferred }, refuse)).rejects.toThrow('taken');
});

it('does not try again when the server fails for another reason', async () => {
  let starts = 0;
  const fail = (): Promise<never> => {
    starts += 1;
    return Promise.reject(new StackError('disk full'));
  };
  await expect(startOnPort('any', fail)).rejects.toThrow('disk full');
  expect(starts).toBe(1);
});

it('tells whose port it is', async () => {
  const port = await takenPort();
  const stranger = spawn('sleep', ['600']);
  await once(stranger, 'spawn');
  onTestFinished(() => void stranger.kill());
  expect(listensOn(process.pid, port)).toBe(true);
  expect(listensOn(stranger.pid ?? 0, port)).toBe(false);
});
