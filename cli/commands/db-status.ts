import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 db status`: which migrations are applied. */
export class DbStatusCommand extends M1Command {
  static override paths = [['db', 'status']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'show which migrations are applied and which are pending',
    examples: [['Look, change nothing', '$0 db status']],
  });

  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { withDatabase } = await import('../database.js');
    const { migrationStatus } = await import('../../storage/migrate.js');
    const { postgres } = loadConfig({ env: this.context.env });
    const status = await withDatabase(postgres, migrationStatus);
    if (this.json) {
      this.printJson(status);
      return EXIT.done;
    }
    const { applied, pending, table, timescale } = status;
    const lines = [
      ...applied.map((name) => `applied  ${name}`),
      ...pending.map((name) => `pending  ${name}`),
      `ohlcv: ${table}, TimescaleDB: ${timescale}`,
      ...(pending.length > 0 ? ['run m1 db upgrade'] : []),
    ];
    this.print(lines.join('\n'));
    return EXIT.done;
  }
}
