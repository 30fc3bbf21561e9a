import type { PostgresConfig } from '../../runtime/config.js';
import { migrateUp, type Upgrade } from '../../storage/migrate.js';
import { withDatabase } from '../database.js';

/** Brings the schema up to date and tells what was done. */
export async function migrate(
  postgres: PostgresConfig,
  tell: (line: string) => void,
): Promise<void> {
  const upgrade = await withDatabase(postgres, migrateUp);
  for (const line of upgradeLines(upgrade)) tell(line);
}

/** What an upgrade did, a line for each migration. */
export function upgradeLines({ applied, hypertable }: Upgrade): string[] {
  const done =
    applied.length === 0
      ? ['the database schema is up to date']
      : applied.map((name) => `applied migration ${name}`);
  return [...done, `ohlcv is ${tableText(hypertable)}`];
}

function tableText({ table, reason }: Upgrade['hypertable']): string {
  if (table === 'hypertable') return 'a TimescaleDB hypertable';
  if (reason === undefined) return 'an ordinary table (TimescaleDB is not installed)';
  return `an ordinary table: TimescaleDB refuses (${reason})`;
}
