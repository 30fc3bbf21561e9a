import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AdminHttp } from './admin-http.js';
import type { StreamServer } from './stream-server.js';
import type { VenueHttp } from './venue-http.js';

/** The one address on which simulators listen. */
export const HOST = '127.0.0.1';

/** The server of REST, stream and admin requests, on one port. */
export function createHttpServer(venue: VenueHttp, admin: AdminHttp, stream: StreamServer): Server {
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    // a client that goes away in the middle of an answer is its own affair
    response.on('error', () => response.destroy());
    if (path.startsWith('/admin/')) void admin.handle(request, response, path, query);
    else venue.handle(request, response, path, query);
  });
  server.on('upgrade', (request, transport, head) => {
    stream.upgrade(request, transport, head);
  });
  // longer than clients keep idle connections, so that none is closed just as it is used again
  server.keepAliveTimeout = 65_000;
  return server;
}

/** Listens; answers the port. Thrown: an Error with the port when it is taken. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`port ${port} is taken: give another one, or 0 for a free one`)
          : new Error(`cannot listen on port ${port}: ${error.message}`),
      );
    });
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Stops listening and cuts the connections of HTTP; may be called again. */
export function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
