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
      ['By the beginning of its id; backfill/bybit/ may be left out', '$0 runs show top50'],
      ['The stream', '$0 runs show stream'],
      ['What the repair waits for', '$0 runs show repair'],
      ['The last sync of a timeframe', '$0 runs show sync/bybit/5m'],
    ],
  });

  id = Option.String({ name: 'id' });
  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const { withRun } = await import('../runs/with-run.js');
    const { isStream } = await import('../../steering/start-stream.js');
    const { isBackfill } = await import('../../steering/start-run.js');
    return withRun(this.id, { runningFirst: false }, this.context, async (named) => {
      const show = isStream(named.run)
        ? (await import('../stream/show-stream.js')).showStream
        : isBackfill(named.run)
          ? (await import('../runs/show-run.js')).showRun
          : (await import('../runs/show-other.js')).showOther;
      await show(named, this.json, this.context);
      return EXIT.done;
    });
  }
}
