import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 runs show`. */
export class RunsShowCommand extends M1Command {
  static override paths = [['runs', 'show']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'show one run: what it does, how far it is, what failed',
    examples: [
      ['By its id', '$0 runs show backfill/bybit/top50/all/90d'],
      ['By the beginning of its id', '$0 runs show top50'],
    ],
  });

  id = Option.String({ name: 'id' });
  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const { withRun } = await import('../runs/with-run.js');
    const { showRun } = await import('../runs/show-run.js');
    return withRun(this.id, this.context, async (named) => {
      await showRun(named, this.json, this.context);
      return EXIT.done;
    });
  }
}
