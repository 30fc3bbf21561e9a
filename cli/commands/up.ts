import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { askedMode } from '../local/mode-option.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 up`: local servers and a worker, in the foreground. */
export class UpCommand extends M1Command {
  static override paths = [['up']];

  static override usage = Command.Usage({
    category: CATEGORY.local,
    description: 'run Temporal, PostgreSQL, Redis, a worker and the dashboard on this machine',
    details: `
      Stays in the foreground; Ctrl-C or \`m1 down\` stops what it started, its data stays. The other
      commands find it when the environment names no servers; servers that it names are used and not
      started. Beside one that runs already it only shows that one's addresses until it ends.

      Without a flag it collects from the real ByBit when that answers within 3 s, else from the local
      simulator. The two never share data.
    `,
    examples: [
      ['Live when ByBit can be reached', '$0 up'],
      ['Made-up data, no network needed', '$0 up --simulated'],
    ],
  });

  live = Option.Boolean('--live', false, { description: 'collect from the real ByBit' });
  simulated = Option.Boolean('--simulated', false, {
    description: 'collect from the local simulator',
  });

  protected async run(): Promise<number> {
    const asked = askedMode(this);
    const { loadConfig } = await import('../../runtime/config.js');
    const { interruptible } = await import('../interrupt.js');
    const { openLocalStack, stackLines } = await import('../local/local-stack.js');
    const { npxHint } = await import('../local/npx-hint.js');
    const { waitForEnd } = await import('../local/wait-for-end.js');
    const config = loadConfig({ env: this.context.env });
    return interruptible(this.context, async (shutdown) => {
      try {
        const stack = await openLocalStack(config, asked, shutdown, this.context);
        const stops = stack.started ? 'Ctrl-C stops everything' : 'Ctrl-C leaves it running';
        this.print(
          [
            ...stackLines(stack.file, config.home),
            `ready: try m1 backfill or m1 collect${npxHint(this.context.env)}; ${stops}`,
          ].join('\n'),
        );
        await waitForEnd(stack, config.home, shutdown, this.context);
      } catch (error) {
        if (!shutdown.signal.aborted) throw error;
      }
      return EXIT.done;
    });
  }
}
