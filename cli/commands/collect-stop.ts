import { Command } from 'clipanion';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 collect stop`. */
export class CollectStopCommand extends M1Command {
  static override paths = [['collect', 'stop']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'end what m1 collect keeps: sync, backfill and stream',
    details: `
      What is stored stays. A backfill under way is cancelled after the pages in flight; a later
      \`m1 collect\` goes on where it stopped.

      When nothing is collected it leaves everything alone: \`m1 stream stop\` ends a stream.
    `,
    examples: [['Stop', '$0 collect stop']],
  });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { stopCollect } = await import('../collect/stop-collect.js');
    return stopCollect(loadConfig({ env: this.context.env }), this.context);
  }
}
