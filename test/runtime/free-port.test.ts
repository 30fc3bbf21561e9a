import { expect, it } from 'vitest';
import { freePort } from '../../runtime/free-port.js';
import { takenPort } from '../stack/taken-port.js';

it('takes the preferred port when it is free, another one when somebody listens there', async () => {
  const free = await freePort();
  expect(await freePort(free)).toBe(free);
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
    const taken = await takenPort(host);
    expect(await freePort(taken)).not.toBe(taken);
  }
});
