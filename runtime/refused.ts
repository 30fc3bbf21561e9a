import { connect } from 'node:net';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

const PROBE_TIMEOUT_MS = 1_000;

/**
 * Whether nothing listens at `address` (host:port) of this machine. Clients wait some seconds for a
 * server that refuses, which is right for a remote one that restarts and only slow for a local one
 * that was never started. Remote addresses are not probed: a proxy may lie in between.
 */
export async function isRefusedLocally(address: string): Promise<boolean> {
  const url = URL.canParse(`tcp://${address}`) ? new URL(`tcp://${address}`) : undefined;
  if (url === undefined || url.port === '' || !LOOPBACK.test(url.hostname)) return false;
  return new Promise((resolve) => {
    const host = url.hostname.replace(/[[\]]/g, '');
    const socket = connect({ host, port: Number(url.port), timeout: PROBE_TIMEOUT_MS });
    const settle = (refused: boolean): void => {
      socket.destroy();
      resolve(refused);
    };
    socket.once('connect', () => settle(false));
    socket.once('timeout', () => settle(false));
    socket.once('error', (error) => settle(refusedIn(error)));
  });
}

/** `localhost` has two addresses, whose failures come as one AggregateError. */
function refusedIn(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(refusedIn);
  return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
}
