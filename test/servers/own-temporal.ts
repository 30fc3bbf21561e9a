import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { findTemporal } from '../../stack/find-temporal.js';
import { startTemporal, type TemporalServer } from '../../stack/start-temporal.js';
import { freshNamespace, type FreshNamespace } from './fresh-namespace.js';

/**
 * A Temporal of the test file's own, on a file as `m1 up` starts it: what it says of Schedules depends
 * on nothing that other tests do.
 *
 * @returns creates a namespace in it
 */
export function useOwnTemporal(): () => Promise<FreshNamespace> {
  let folder: string;
  let server: TemporalServer;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'm1-temporal-'));
    const binary = await findTemporal({ log: () => undefined });
    const options = { binary, port: 'any', uiPort: 'none' } as const;
    server = await startTemporal({ ...options, dataDir: folder });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => freshNamespace(server.address);
}
