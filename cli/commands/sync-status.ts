import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 sync status`. */
export class SyncStatusCommand extends M1Command {
  static override paths = [['sync', 'status']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'show the last and next sync of each timeframe, lag, and what was missed',
    details: `
      LAG is the time since the newest settled candle closed, of the series furthest behind, by the
      venue's clock as the last sync saw it: up to one timeframe is as it should be. CAUGHT UP is the longest time that was missing when that sync began. MISSED
      counts syncs that were never started, because Temporal was down or the one before went on: each
      sync reads all that is missing, so nothing is lost by them.
    `,
    examples: [
      ['A table', '$0 sync status'],
      ['For a program', '$0 sync status --json'],
    ],
  });

  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { showSync } = await import('../sync/show-sync.js');
    await showSync(loadConfig({ env: this.context.env }), this.json, this.context);
    return EXIT.done;
  }
}
