import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a server on which it can fall silent, as one that is stopped or cut off without an end. */
export interface SilentLink {
  /** HOST:PORT of the near end. */
  readonly address: string;
  /** From now on nothing comes through. */
  hush(): void;
  /** Lets through what waits, and all that follows. */
  speak(): void;
}

/** Closed when the test ends. @param address HOST:PORT of the server */
export async function openSilentLink(address: string): Promise<SilentLink> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const sockets = new Set<Socket>();
  let hushed = false;
  const link = createServer((near) => {
    const far = connect(Number(port), hostname);
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    near.on('data', (part) => far.write(part));
    far.on('data', (part) => near.write(part));
    if (!hushed) return;
    near.pause();
    far.pause();
  });
  link.listen(0, '127.0.0.1');
  await once(link, 'listening');
  onTestFinished(() => {
    link.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    address: `127.0.0.1:${(link.address() as AddressInfo).port}`,
    hush: () => {
      hushed = true;
      sockets.forEach((socket) => socket.pause());
    },
    speak: () => {
      hushed = false;
      sockets.forEach((socket) => socket.resume());
    },
  };
}
