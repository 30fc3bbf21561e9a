import { Command } from 'clipanion';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 sync resume`. */
export class SyncResumeCommand extends M1Command {
  static override paths = [['sync', 'resume']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'go on after a pause',
    examples: [['Every timeframe', '$0 sync resume']],
  });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { pauseSync } = await import('../sync/steer-sync.js');
    const config = loadConfig({ env: this.context.env });
    return pauseSync(config, false, this.context);
  }
}
