import { Command } from 'clipanion';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 sync trigger`. */
export class SyncTriggerCommand extends M1Command {
  static override paths = [['sync', 'trigger']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'read at once what is missing, instead of at the next close',
    examples: [['Every timeframe', '$0 sync trigger']],
  });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { triggerSync } = await import('../sync/steer-sync.js');
    const config = loadConfig({ env: this.context.env });
    return triggerSync(config, this.context);
  }
}
