import { beforeAll, expect, it } from 'vitest';
import type { PortChoice } from '../../stack/ports.js';
import { provisionServers, type ServerBinaries } from '../../stack/provision.js';
import type { ServerProcess } from '../../stack/server-process.js';
import { AddressInUseError } from '../../stack/stack-error.js';
import { startPostgres } from '../../stack/start-postgres.js';
import { startRedis } from '../../stack/start-redis.js';
import { startTemporal } from '../../stack/start-temporal.js';
import { takenPort } from './taken-port.js';
import { temporaryFolder } from './temporary-folder.js';

let binaries: ServerBinaries;

beforeAll(async () => {
  binaries = await provisionServers({ log: () => undefined });
});

type Start = (port: PortChoice) => Promise<ServerProcess & { readonly port: number }>;

const servers: readonly [string, (dataDir: string) => Start][] = [
  [
    'PostgreSQL',
    (dataDir) => (port) =>
      startPostgres({ dataDir, port, binaries: binaries.postgres, unsafe: true }),
  ],
  ['Redis', (dataDir) => (port) => startRedis({ dataDir, port, binary: binaries.redis })],
  [
    'Temporal',
    (dataDir) => (port) =>
      startTemporal({ dataDir, port, binary: binaries.temporal, uiPort: 'none' }),
  ],
];

it.each(servers)('%s leaves a taken port to its owner', async (_, serverIn) => {
  const start = serverIn(temporaryFolder());
  const taken = await takenPort();
  // what the server itself says is understood: the way out when the port is taken after our look
  await expect(start({ fixed: taken })).rejects.toThrow(AddressInUseError);
  const server = await start({ preferred: taken });
  expect(server.port).not.toBe(taken);
  await server.stop();
});
