import { Command } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 db upgrade`: brings the schema up to date. */
export class DbUpgradeCommand extends M1Command {
  static override paths = [['db', 'upgrade']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'bring the database schema up to date',
    details: `
      Runs the migrations that are pending, then makes \`ohlcv\` a hypertable where TimescaleDB is
      installed. May be run at any time and as often as you like.
    `,
    examples: [['Before the first worker starts', '$0 db upgrade']],
  });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { migrate } = await import('../local/migrate.js');
    await migrate(loadConfig({ env: this.context.env }).postgres, (line) => this.print(line));
    return EXIT.done;
  }
}
