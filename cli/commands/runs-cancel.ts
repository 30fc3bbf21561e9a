import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 runs cancel`. */
export class RunsCancelCommand extends M1Command {
  static override paths = [['runs', 'cancel']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'end a run; what it has stored stays',
    details: `
      The pages in flight are finished first. The same backfill, started again, goes on from there.
    `,
    examples: [
      ['By the beginning of its id; backfill/bybit/ may be left out', '$0 runs cancel top50'],
    ],
  });

  id = Option.String({ name: 'id' });

  protected async run(): Promise<number> {
    const { withRun } = await import('../runs/with-run.js');
    const { cancelRun } = await import('../../steering/steer-run.js');
    return withRun(this.id, { runningFirst: true }, this.context, async ({ temporal, run }) => {
      const ended = await cancelRun(temporal, run.workflowId);
      this.print(
        `${ended ? 'cancelled' : 'asked to end, which it has not yet:'} ${run.workflowId}`,
      );
      return EXIT.done;
    });
  }
}
