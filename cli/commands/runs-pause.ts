import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 runs pause`. */
export class RunsPauseCommand extends M1Command {
  static override paths = [['runs', 'pause']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'stop a run after the pages in flight',
    examples: [
      ['By the beginning of its id; backfill/bybit/ may be left out', '$0 runs pause top50'],
    ],
  });

  id = Option.String({ name: 'id' });

  protected async run(): Promise<number> {
    const { withRun } = await import('../runs/with-run.js');
    const { updateRun } = await import('../../steering/steer-run.js');
    return withRun(this.id, { runningFirst: true }, this.context, async ({ temporal, run }) => {
      await updateRun(temporal, run.workflowId, 'pause');
      this.print(`paused ${run.workflowId}`);
      return EXIT.done;
    });
  }
}
