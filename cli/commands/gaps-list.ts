import { Command, Option } from 'clipanion';
import { GapChoosingCommand } from '../choosing-command.js';
import { EXIT } from '../exit-codes.js';
import { parseGapChoice } from '../gaps/gap-options.js';
import { CATEGORY } from '../m1-command.js';

/** `m1 gaps list`: the candles that are missing. */
export class GapsListCommand extends GapChoosingCommand {
  static override paths = [['gaps', 'list']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'list the candles that are missing, and why',
    details: `
      What an answer lacked, not what nobody has asked for yet: \`m1 gaps check\` tells that too. A long
      hole is one gap a page. Kinds: \`unconfirmed\` (an answer
      lacked it; asked again until that is proved), \`no_trades\` (proved), \`venue_outage\`, \`failed\`,
      \`disconnected\`; \`before_listing\` and \`after_delisting\` are shown with \`--all\` or \`--kind\`.
    `,
    examples: [
      ['All', '$0 gaps list'],
      ['What one pair lacks since March', '$0 gaps list --symbol BTCUSDT --from 2026-03-01'],
      ['What the exchange has proved not to have', '$0 gaps list --kind no_trades --json'],
    ],
  });

  all = Option.Boolean('--all', false, {
    description: 'also before the listing and after the delisting of pairs',
  });
  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const choice = parseGapChoice(this);
    const { loadConfig } = await import('../../runtime/config.js');
    const { listGaps } = await import('../gaps/list-gaps.js');
    const config = loadConfig({ env: this.context.env });
    await listGaps({ config, choice, all: this.all, json: this.json }, this.context);
    return EXIT.done;
  }
}
