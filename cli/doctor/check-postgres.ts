import type { Config } from '../../runtime/config.js';
import { migrationStatus, type MigrationStatus } from '../../storage/migrate.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { withDatabase } from '../database.js';
import { fail, ok, warn, type Check } from './check.js';

const NAME = 'PostgreSQL';

/** The oldest PostgreSQL with the multiranges that coverage is kept in. */
const OLDEST_MAJOR = 14;

/** @throws ServerAway when PostgreSQL cannot be used */
export async function checkPostgres({ postgres, venue }: Config): Promise<readonly Check[]> {
  return withDatabase(postgres, async (database) => {
    const { rows } = await database.query<{ server_version: string }>('show server_version');
    const version = rows[0]?.server_version ?? 'unknown';
    const { host, port, database: name, origin } = postgres;
    const where = `${version} at ${host}:${port}/${name}, from ${origin}`;
    if (parseInt(version, 10) < OLDEST_MAJOR) {
      return [fail(NAME, `${where} is too old: M1 needs ${OLDEST_MAJOR} or newer`)];
    }
    const status = await migrationStatus(database);
    return [
      ok(NAME, where),
      checkSchema(status),
      ...(status.pending.length > 0
        ? []
        : [
            checkTable(status),
            checkSource(await new SqlSourceStore(database).label(), venue.source),
          ]),
    ];
  });
}

function checkSchema({ pending }: MigrationStatus): Check {
  if (pending.length === 0) return ok(NAME, 'the schema is up to date');
  return fail(NAME, `${pending.length} migrations are pending: run m1 db upgrade`);
}

export function checkTable({
  table,
  timescale,
}: Pick<MigrationStatus, 'table' | 'timescale'>): Check {
  if (table === 'hypertable') return ok(NAME, 'ohlcv is a TimescaleDB hypertable');
  if (timescale === 'absent') {
    return ok(NAME, 'ohlcv is an ordinary table (TimescaleDB is not installed)');
  }
  return warn(NAME, 'ohlcv is an ordinary table though TimescaleDB is there: run m1 db upgrade');
}

/** The worker's label counts; this process has the same one when it shares the configuration. */
export function checkSource(holder: string | undefined, configured: string): Check {
  if (holder === undefined) return ok(NAME, 'no venue has filled the database yet');
  if (holder === configured) return ok(NAME, `filled from ${holder}`);
  return warn(
    NAME,
    `filled from ${holder}, but ${configured} is configured: a worker with this configuration is refused`,
  );
}
