import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 retention status`. */
export class RetentionStatusCommand extends M1Command {
  static override paths = [['retention', 'status']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'show which candles are kept, what is older still, and the next run',
    examples: [['Look, change nothing', '$0 retention status']],
  });

  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { showRetention } = await import('../retention/show-retention.js');
    const config = loadConfig({ env: this.context.env });
    await showRetention({ config, json: this.json }, this.context);
    return EXIT.done;
  }
}
