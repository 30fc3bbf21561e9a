import path from 'node:path';
import { connect } from 'node:net';
import { makePassableDir } from './cache-dir.js';
import { LOOPBACK, startOnPort } from './ports.js';
import { startProcess, type ServerProcess } from './server-process.js';
import type { StartOptions } from './start-options.js';
import { waitUntilReady } from './wait-until-ready.js';

const DEFAULT_PORT = 6379;
const READY_TIMEOUT_MS = 15_000;

/** A running Redis server. */
export interface RedisServer extends ServerProcess {
  readonly host: string;
  readonly port: number;
}

/** Starts Redis without persistence: it holds tickers of 60 s and the request budget of 5 s. */
export async function startRedis(
  options: StartOptions & { readonly binary: string },
): Promise<RedisServer> {
  makePassableDir(options.dataDir);
  return startOnPort(options.port ?? { preferred: DEFAULT_PORT }, async (port) => {
    const server = await startProcess({
      name: 'redis',
      command: options.binary,
      args: [
        ...['--bind', LOOPBACK, '--port', String(port), '--dir', options.dataDir],
        ...['--save', '', '--appendonly', 'no', '--daemonize', 'no', '--logfile', ''],
      ],
      cwd: options.dataDir,
      logFile: options.logFile ?? path.join(options.dataDir, 'redis.log'),
    });
    options.onSpawn?.(server);
    await waitUntilReady(server, {
      ports: [port],
      answers: () => answersPing(port),
      timeoutMs: READY_TIMEOUT_MS,
      signal: options.signal,
    });
    return { ...server, host: LOOPBACK, port };
  });
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK, () => socket.write('PING\r\n'));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(data.toString('latin1').startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
