import { Command, Option } from 'clipanion';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';
import { parseNamedPairs } from '../parse-pairs.js';

/** `m1 sync start`: keeps pairs up to date. */
export class SyncStartCommand extends M1Command {
  static override paths = [['sync', 'start']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'keep pairs up to date: read what is new a few seconds after each close',
    details: `
      Sets up a Temporal Schedule for each timeframe, and reads at once what is missing. Each sync reads
      from the last stored candle to now, so time that went by while nothing ran is made up for by the
      next one; the last three candles are read again, because the venue may amend them.

      Another set replaces the one that is kept, without a restart; without \`--top\` and \`--symbol\` the
      set stays as it is, or is the top 50. A pair that is new to the set gets its history by a backfill (90
      days, or the \`--days\` of m1 collect);
      a pair may be named before it is listed; the end of one that is delisted is sealed.
    `,
    examples: [
      ['The top 50 pairs', '$0 sync start'],
      ['Two pairs', '$0 sync start --symbol BTCUSDT --symbol ETHUSDT'],
      ['How it goes', '$0 sync status'],
    ],
  });

  symbols = Option.Array('--symbol', [], {
    description: 'a pair by its ByBit name; may be repeated or a list joined by commas',
  });
  top = Option.String('--top', { description: 'the top N USDT pairs by turnover (default 50)' });

  protected async run(): Promise<number> {
    const pairs = parseNamedPairs(this);
    const { loadConfig } = await import('../../runtime/config.js');
    const { startSync } = await import('../sync/start-sync.js');
    await startSync(loadConfig({ env: this.context.env }), pairs, this.context);
    return EXIT.done;
  }
}
