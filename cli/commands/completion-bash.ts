import { Command } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 completion bash`: the words of the command line for a shell. */
export class CompletionBashCommand extends M1Command {
  static override paths = [['completion', 'bash']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'print a completion script for bash',
    details: `
      The script knows commands, options and the values of \`--timeframe\`, \`--kind\` and
      \`--format\`, for \`m1\` and for \`npx m1\`. Write it to a file and read that from ~/.bashrc:

      \`npx m1 completion bash > ~/.m1-completion.bash\`

      \`echo '. ~/.m1-completion.bash' >> ~/.bashrc\`

      Write the file again after an upgrade.
    `,
    examples: [['For this terminal only: source <(npx m1 completion bash)', '$0 completion bash']],
  });

  protected async run(): Promise<number> {
    const { commandsOf } = await import('../completion/command-tree.js');
    const { bashScript } = await import('../completion/bash-script.js');
    this.print(bashScript(commandsOf(this.cli.definitions(), this.cli.binaryName)));
    return EXIT.done;
  }
}
