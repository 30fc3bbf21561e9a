import { Command } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 sync stop`. */
export class SyncStopCommand extends M1Command {
  static override paths = [['sync', 'stop']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'keep nothing up to date any more',
    details:
      'Deletes the Schedules; a sync under way comes to its end. What is stored stays, and a later start reads what was missed.',
    examples: [['Stop', '$0 sync stop']],
  });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { stopSync } = await import('../sync/steer-sync.js');
    await stopSync(loadConfig({ env: this.context.env }), this.context);
    return EXIT.done;
  }
}
