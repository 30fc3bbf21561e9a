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
      ['The stream', '$0 runs show stream'],
    ],
  });

  id = Option.String({ name: 'id' });
  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const { withRun } = await import('../runs/with-run.js');
    const { isStream } = await import('../stream/start-stream.js');
    return withRun(this.id, this.context, async (named) => {
      const show = isStream(named.run)
        ? (await import('../stream/show-stream.js')).showStream
        : (await import('../runs/show-run.js')).showRun;
      await show(named, this.json, this.context);
      return EXIT.done;
    });
  }
}
