import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 down`: stops the local servers. */
export class DownCommand extends M1Command {
  static override paths = [['down']];

  static override usage = Command.Usage({
    category: CATEGORY.local,
    description: 'stop the servers of m1 up',
    details: `
      Stops what \`m1 up\` or \`m1 demo\` of this clone started, also what a killed one left behind, and
      nothing else. Its data stays, unless \`--purge\` is given.
    `,
    examples: [
      ['Stop', '$0 down'],
      ['Stop and remove all data of the local servers', '$0 down --purge'],
    ],
  });

  purge = Option.Boolean('--purge', false, {
    description: 'also remove the data of both the live and the simulated servers',
  });

  protected async run(): Promise<number> {
    const { readEnvironment } = await import('../../runtime/environment.js');
    const { stackHome } = await import('../../runtime/stack-file.js');
    const { stopStack } = await import('../../stack/running-stack.js');
    // not the whole configuration: a fault in it must not keep the servers running
    const home = stackHome(readEnvironment({ env: this.context.env }).values);
    const { purge } = this;
    const stopped = await stopStack(home, { purge, log: (line) => this.say(line) });
    this.print(stopped ? 'stopped' : 'nothing was running');
    if (purge) this.print(`removed the data in ${home}`);
    return EXIT.done;
  }
}
