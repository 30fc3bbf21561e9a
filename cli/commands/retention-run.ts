import { Command, Option } from 'clipanion';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 retention run`. */
export class RetentionRunCommand extends M1Command {
  static override paths = [['retention', 'run']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'remove what is older than RETENTION now, or say what that would be',
    details: `
      The worker's RETENTION counts, and it does this every hour by itself. A day of a series goes only
      when the longer candles over it that are kept longer are stored and agree with it; other days are
      held back, and the reason is printed.

      Exit codes: 0 done (days that are held back included), 1 failed.
    `,
    examples: [
      ['What would go, and what is held back and why', '$0 retention run --dry-run'],
      ['Now, not in the next hour', '$0 retention run'],
    ],
  });

  dryRun = Option.Boolean('--dry-run', false, { description: 'judge and print, remove nothing' });
  json = Option.Boolean('--json', false, { description: 'print one JSON document at the end' });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const config = loadConfig({ env: this.context.env });
    const { runRetention } = await import('../retention/run-retention.js');
    const { interruptible } = await import('../interrupt.js');
    const { dryRun, json } = this;
    return interruptible(this.context, ({ signal }) =>
      runRetention({ config, dryRun, json, signal }, this.context),
    );
  }
}
