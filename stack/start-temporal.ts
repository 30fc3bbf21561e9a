import { Connection } from '@temporalio/client';
import path from 'node:path';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.js';
import { makePassableDir } from './cache-dir.js';
import { choosePort, LOOPBACK, startOnPort, type PortChoice } from './ports.js';
import { startProcess, type ServerProcess } from './server-process.js';
import type { StartOptions } from './start-options.js';
import { waitUntilReady } from './wait-until-ready.js';

const DEFAULT_PORT = 7233;
const DEFAULT_UI_PORT = 8233;
const READY_TIMEOUT_MS = 60_000;
const CALL_TIMEOUT_MS = 2_000;
const NAMESPACE = 'default';

/** How the server's command line writes the types of search attributes. */
const ATTRIBUTE_TYPES = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList' } as const;

/** The options of {@link startTemporal}. */
export interface TemporalOptions extends StartOptions {
  readonly binary: string;
  /** False keeps everything in memory; default true. */
  readonly persistent?: boolean;
  /** `none` starts no Web UI; otherwise as for `port`. */
  readonly uiPort?: PortChoice | 'none';
}

/** A running Temporal dev server. */
export interface TemporalServer extends ServerProcess {
  /** host:port, as TEMPORAL_ADDRESS takes it. */
  readonly address: string;
  readonly port: number;
  readonly namespace: string;
  readonly uiPort: number | undefined;
  readonly uiUrl: string | undefined;
}

/** Starts a Temporal dev server with its Web UI, its state in one SQLite file of the data folder. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  makePassableDir(options.dataDir);
  return startOnPort(options.port ?? { preferred: DEFAULT_PORT }, async (port) => {
    const uiPort = await chooseUiPort(options.uiPort ?? { preferred: DEFAULT_UI_PORT });
    const server = await startProcess({
      name: 'temporal',
      command: options.binary,
      args: serverArguments(options, port, uiPort),
      cwd: options.dataDir,
      logFile: options.logFile ?? path.join(options.dataDir, 'temporal.log'),
    });
    options.onSpawn?.(server);
    const address = `${LOOPBACK}:${port}`;
    await waitUntilReady(server, {
      ports: uiPort === undefined ? [port] : [port, uiPort],
      answers: () => hasSearchAttributes(address),
      timeoutMs: READY_TIMEOUT_MS,
      signal: options.signal,
    });
    const uiUrl = uiPort === undefined ? undefined : `http://${LOOPBACK}:${uiPort}`;
    return { ...server, address, port, namespace: NAMESPACE, uiPort, uiUrl };
  });
}

async function chooseUiPort(choice: PortChoice | 'none'): Promise<number | undefined> {
  return choice === 'none' ? undefined : choosePort(choice);
}

function serverArguments(
  options: TemporalOptions,
  port: number,
  uiPort: number | undefined,
): string[] {
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', String(port)],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...['--namespace', NAMESPACE, '--log-level', 'warn', '--log-format', 'json'],
    ...(options.persistent === false ? [] : persistence(options.dataDir)),
    ...searchAttributeOptions(),
  ];
}

/** Makes a server register the search attributes when it starts. */
export function searchAttributeOptions(): string[] {
  return SEARCH_ATTRIBUTES.flatMap(({ name, type }) => [
    ...['--search-attribute', `${name}=${ATTRIBUTE_TYPES[type]}`],
  ]);
}

function persistence(dataDir: string): string[] {
  return [
    ...['--db-filename', path.join(dataDir, 'temporal.db')],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1'],
  ];
}

/** The server listens before its namespace and search attributes are there. */
async function hasSearchAttributes(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: CALL_TIMEOUT_MS });
  try {
    return await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, async () => {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({
        namespace: NAMESPACE,
      });
      return SEARCH_ATTRIBUTES.every(({ name }) => name in customAttributes);
    });
  } finally {
    await connection.close();
  }
}
