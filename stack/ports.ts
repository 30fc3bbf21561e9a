import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { AddressInUseError } from './stack-error.js';

/** Everything of the stack listens here only. */
export const LOOPBACK = '127.0.0.1';

const ATTEMPTS = 5;
const LISTENING = '0A';

/**
 * Which port a server should use: a preferred one, which is replaced when taken; a fixed one,
 * because clients know it already; or any.
 */
export type PortChoice = { readonly preferred: number } | { readonly fixed: number } | 'any';

/**
 * Starts a server on the port of the choice; when another process takes it between our look and
 * the server's own, it is tried again with another one.
 */
export async function startOnPort<T>(
  choice: PortChoice,
  start: (port: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort(attempt === 1 || isFixed(choice) ? choice : 'any');
    try {
      return await start(port);
    } catch (error) {
      const retry = error instanceof AddressInUseError && !isFixed(choice) && attempt < ATTEMPTS;
      if (!retry) throw error;
    }
  }
}

/** A port by the choice. */
export async function choosePort(choice: PortChoice): Promise<number> {
  if (choice === 'any') return freePort();
  return 'fixed' in choice ? choice.fixed : freePort(choice.preferred);
}

function isFixed(choice: PortChoice): boolean {
  return choice !== 'any' && 'fixed' in choice;
}

/** The preferred port when nobody listens on it, otherwise a free one of the system's choice. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined) {
    const free = await tryListen(preferred);
    if (free !== undefined) return free;
  }
  const port = await tryListen(0);
  if (port === undefined) throw new AddressInUseError('no free port on 127.0.0.1: close a program');
  return port;
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' ? address?.port : undefined;
      server.close(() => resolve(bound));
    });
  });
}

/**
 * False when somebody else than the process listens on the port: an answer there would be a
 * stranger's. Always true where the system does not tell (no /proc).
 */
export function listensOn(pid: number, port: number): boolean {
  let table: string;
  try {
    table = readFileSync('/proc/net/tcp', 'utf8');
  } catch {
    return true;
  }
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(wanted) === true && fields[3] === LISTENING)
    .map((fields) => `socket:[${fields[9] ?? ''}]`);
  return openFiles(pid).some((file) => inodes.includes(file));
}

function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((name) => readLinkIfThere(`${folder}/${name}`));
  } catch {
    return [];
  }
}

function readLinkIfThere(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
