import { createServer } from 'node:net';
import { ServerAway } from '../domain/failure.js';

const HOST = '127.0.0.1';

/**
 * A TCP port of 127.0.0.1 on which nobody listens: the preferred one if it is free, otherwise one of
 * the system's choice. Another process may take it before the caller does.
 *
 * @throws ServerAway when the system has none left
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined) {
    const free = await tryListen(preferred);
    if (free !== undefined) return free;
  }
  const port = await tryListen(0);
  if (port === undefined) throw new ServerAway(`no free port on ${HOST}: close a program`);
  return port;
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: HOST, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' ? address?.port : undefined;
      server.close(() => resolve(bound));
    });
  });
}
