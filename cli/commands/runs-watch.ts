import { Command, Option } from 'clipanion';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 runs watch`. */
export class RunsWatchCommand extends M1Command {
  static override paths = [['runs', 'watch']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'show the progress of a run until it ends',
    details:
      'Ctrl-C leaves the run going on. Exits as the backfill or the stream itself would have.',
    examples: [
      ['By the beginning of its id; backfill/bybit/ may be left out', '$0 runs watch top50'],
    ],
  });

  id = Option.String({ name: 'id' });
  json = Option.Boolean('--json', false, { description: 'print one JSON document at the end' });

  protected async run(): Promise<number> {
    const { withRun } = await import('../runs/with-run.js');
    const { watchRun } = await import('../runs/watch-run.js');
    const { isStream } = await import('../../steering/start-stream.js');
    const { watchNamedStream } = await import('../stream/watch-stream.js');
    const { interruptible } = await import('../interrupt.js');
    const { json, context } = this;
    return withRun(this.id, { runningFirst: true }, context, (named) =>
      interruptible(context, ({ signal }) =>
        isStream(named.run)
          ? watchNamedStream({ ...named, json, signal }, context)
          : watchRun({ ...named, joined: true, json, signal }, context),
      ),
    );
  }
}
