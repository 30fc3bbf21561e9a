import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 status`: what is stored. */
export class StatusCommand extends M1Command {
  static override paths = [['status']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'show what is stored: a line for each series',
    details: `
      Closed candles, the first and the last of them, open gaps and completeness, from the record that
      is kept while storing. \`--exact\` counts the rows themselves, which takes longer. Gaps before a
      pair's listing and after its delisting are not counted. COMPLETE is about the span from the first
      to the last candle: what closed after LAST is the lag that \`m1 sync status\` shows.
    `,
    examples: [
      ['A table', '$0 status'],
      ['For a program', '$0 status --json'],
    ],
  });

  exact = Option.Boolean('--exact', false, { description: 'count the stored rows' });
  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { showStatus } = await import('../status/show-status.js');
    const config = loadConfig({ env: this.context.env });
    await showStatus({ config, exact: this.exact, json: this.json }, this.context);
    return EXIT.done;
  }
}
