import { Command, Option } from 'clipanion';
import { WrongUse } from '../../domain/failure.js';
import { GapChoosingCommand } from '../choosing-command.js';
import { parseGapChoice } from '../gaps/gap-options.js';
import { CATEGORY } from '../m1-command.js';

/** `m1 gaps repair`: asks for missing candles now. */
export class GapsRepairCommand extends GapChoosingCommand {
  static override paths = [['gaps', 'repair']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'ask for missing candles now instead of when they are due',
    details: `
      The repair asks by itself for whatever is due; this makes gaps due at once, follows until each is
      closed or asked for, and says what the exchange still lacks. What is proved (\`no_trades\`,
      \`venue_outage\`) is asked for again only when \`--kind\` names it. Ctrl-C leaves the repair going on.

      An answer that still lacks a candle counts as asked only when the wait of \`GAP_REASK\` has passed
      since the one counted last: what is asked for twice within minutes is not proved by it.

      Exit codes: 0 asked for, or left going on, whatever is still missing, 1 failed, or no worker runs with
      \`--detach\`, 2 wrong use.
    `,
    examples: [
      ['All that is missing', '$0 gaps repair'],
      ['One pair, one month', '$0 gaps repair --symbol BTCUSDT --from 2026-03-01 --to 2026-04-01'],
      ['What was thought to be proved', '$0 gaps repair --symbol BTCUSDT --kind no_trades'],
    ],
  });

  detach = Option.Boolean('--detach', false, { description: 'wake the repair and return' });

  protected async run(): Promise<number> {
    const choice = parseGapChoice(this);
    const outside = choice.kinds?.find(
      (kind) => kind.endsWith('_listing') || kind.endsWith('_delisting'),
    );
    if (outside !== undefined) {
      throw new WrongUse(`--kind ${outside} cannot be repaired: the pair did not trade then`);
    }
    const { loadConfig } = await import('../../runtime/config.js');
    const { repairGaps } = await import('../gaps/repair-gaps.js');
    const { interruptible } = await import('../interrupt.js');
    const config = loadConfig({ env: this.context.env });
    const { detach } = this;
    return interruptible(this.context, ({ signal }) =>
      repairGaps({ config, choice, detach, signal }, this.context),
    );
  }
}
