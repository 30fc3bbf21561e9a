import { inject } from 'vitest';
import type { PostgresAddress } from '../../stack/start-postgres.js';

/** Where the servers of the test run listen. */
export interface TestServers {
  /** For what is made once a run; removed at its end. */
  readonly folder: string;
  readonly postgres: PostgresAddress;
  readonly redis: { readonly host: string; readonly port: number };
  readonly temporal: { readonly address: string; readonly namespace: string };
}

/** The servers that global-setup.ts started for this run. */
export function testServers(): TestServers {
  return inject('servers');
}
