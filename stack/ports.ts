import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { freePort } from '../runtime/free-port.js';
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
