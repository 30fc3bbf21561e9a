import { Command } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 worker`: does the work of the runs. */
export class WorkerCommand extends M1Command {
  static override paths = [['worker']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'run a worker against the configured servers',
    details: `
      Runs until SIGTERM or Ctrl-C, then finishes the pages in flight. Several workers share the work
      and one request budget. \`m1 up\` runs one by itself.
    `,
    examples: [['In a container or a service', 'node dist/cli/main.js worker']],
  });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { createLogger } = await import('../../runtime/logger.js');
    const { interruptible } = await import('../interrupt.js');
    const config = loadConfig({ env: this.context.env });
    const logger = createLogger(config.log, { part: 'worker' });
    const { runWorker } = await import('../../workers/main.js');
    return interruptible(this.context, async ({ signal }) => {
      await runWorker({ config, logger, signal });
      return EXIT.done;
    });
  }
}
