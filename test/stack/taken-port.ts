import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A port of this process, on which something listens until the test is finished. */
export async function takenPort(host = '127.0.0.1'): Promise<number> {
  const occupant = createServer().listen(0, host);
  await once(occupant, 'listening');
  onTestFinished(() => void occupant.close());
  return (occupant.address() as AddressInfo).port;
}
