import { Command } from 'clipanion';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 sync pause`. */
export class SyncPauseCommand extends M1Command {
  static override paths = [['sync', 'pause']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'stop reading what is new; a sync under way comes to its end',
    details: 'The check for series that fall behind pauses too, so no alert is sent.',
    examples: [['Every timeframe', '$0 sync pause']],
  });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { pauseSync } = await import('../sync/steer-sync.js');
    const config = loadConfig({ env: this.context.env });
    return pauseSync(config, true, this.context);
  }
}
