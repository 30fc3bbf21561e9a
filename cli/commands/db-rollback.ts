import { Command, Option } from 'clipanion';
import { WrongUse } from '../../domain/failure.js';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';
import { requireWholeNumber } from '../parse-number.js';

/** `m1 db rollback`: takes migrations back. */
export class DbRollbackCommand extends M1Command {
  static override paths = [['db', 'rollback']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'take the newest migrations back, with the data they hold',
    details: 'Stop the workers first. What the migrations created is dropped.',
    examples: [
      ['The newest', '$0 db rollback'],
      ['The newest two', '$0 db rollback --count 2'],
    ],
  });

  count = Option.String('--count', '1', { description: 'how many (default 1)' });

  protected async run(): Promise<number> {
    const count = requireWholeNumber('--count', this.count, { min: 1, max: 1000 });
    const { loadConfig } = await import('../../runtime/config.js');
    const { withDatabase } = await import('../database.js');
    const { migrateDown, migrationStatus } = await import('../../storage/migrate.js');
    const { postgres } = loadConfig({ env: this.context.env });
    const undone = await withDatabase(postgres, async (database) => {
      const { applied } = await migrationStatus(database);
      if (count > applied.length) {
        throw new WrongUse(
          `--count ${count} is more than the ${applied.length} migrations that are applied: ` +
            'm1 db status names them',
        );
      }
      return migrateDown(database, count);
    });
    this.print(undone.map((name) => `took back migration ${name}`).join('\n'));
    return EXIT.done;
  }
}
