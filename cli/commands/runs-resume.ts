import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 runs resume`. */
export class RunsResumeCommand extends M1Command {
  static override paths = [['runs', 'resume']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'let a paused run go on',
    examples: [
      ['By the beginning of its id; backfill/bybit/ may be left out', '$0 runs resume top50'],
    ],
  });

  id = Option.String({ name: 'id' });

  protected async run(): Promise<number> {
    const { withRun } = await import('../runs/with-run.js');
    const { updateRun } = await import('../../steering/steer-run.js');
    return withRun(this.id, { runningFirst: true }, this.context, async ({ temporal, run }) => {
      await updateRun(temporal, run.workflowId, 'resume');
      this.print(`resumed ${run.workflowId}`);
      return EXIT.done;
    });
  }
}
