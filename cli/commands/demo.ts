import { Command, Option } from 'clipanion';
import { askedMode } from '../local/mode-option.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 demo`: everything at once. */
export class DemoCommand extends M1Command {
  static override paths = [['demo']];

  static override usage = Command.Usage({
    category: CATEGORY.local,
    description: 'show what M1 does: servers, a backfill, live prices',
    details: `
      \`m1 up\`, then a backfill of the top 5 pairs over 30 days in all timeframes, then what is stored,
      the links to look at, and the prices of the same pairs live. Stays until Ctrl-C, which stops what
      it started.
    `,
    examples: [
      ['Look around', '$0 demo'],
      ['Run through and exit, without a network', '$0 demo --once --simulated'],
    ],
  });

  once = Option.Boolean('--once', false, { description: 'stop everything after the first prices' });
  live = Option.Boolean('--live', false, { description: 'collect from the real ByBit' });
  simulated = Option.Boolean('--simulated', false, {
    description: 'collect from the local simulator',
  });

  protected async run(): Promise<number> {
    const asked = askedMode(this);
    const { runDemo } = await import('../local/run-demo.js');
    return runDemo({ asked, once: this.once }, this.context);
  }
}
