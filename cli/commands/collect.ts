import { Command, Option } from 'clipanion';
import { NEWCOMER_DAYS } from '../../domain/sync.js';
import { CATEGORY, M1Command } from '../m1-command.js';
import { requireWholeNumber } from '../parse-number.js';
import { parseNamedPairs } from '../parse-pairs.js';

const MAX_DAYS = 36_500;

/** `m1 collect`: history, stream, sync and repair of one set. */
export class CollectCommand extends M1Command {
  static override paths = [['collect']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'keep pairs complete: history, live stream, sync and repair as one thing',
    details: `
      Starts the backfill, the stream and the sync of one set, or adapts those that run, and shows how
      they are doing. Ctrl-C leaves everything running: the set is kept until \`m1 collect stop\`.

      Another set replaces the one that is kept; without \`--top\` and \`--symbol\` the set stays as it is,
      or is the top 50. Pairs that enter it get their history and join the stream by themselves.

      Exit codes: 0 left running, 1 failed, 2 wrong use or an unknown symbol.
    `,
    examples: [
      ['The top 50 pairs, 90 days of history', '$0 collect'],
      ['Two pairs, a year of history', '$0 collect --symbol BTCUSDT,ETHUSDT --days 365'],
      ['End all of it', '$0 collect stop'],
    ],
  });

  symbols = Option.Array('--symbol', [], {
    description: 'a pair by its ByBit name; may be repeated or a list joined by commas',
  });
  top = Option.String('--top', { description: 'the top N USDT pairs by turnover (default 50)' });
  days = Option.String('--days', String(NEWCOMER_DAYS), {
    description: 'history of each pair, days back from now (default 90)',
  });

  protected async run(): Promise<number> {
    const pairs = parseNamedPairs(this);
    const days = requireWholeNumber('--days', this.days, { min: 1, max: MAX_DAYS });
    const { loadConfig } = await import('../../runtime/config.js');
    const config = loadConfig({ env: this.context.env });
    const { collectSession } = await import('../collect/collect-session.js');
    const { interruptible } = await import('../interrupt.js');
    return interruptible(this.context, ({ signal }) =>
      collectSession({ config, pairs, days, signal }, this.context),
    );
  }
}
