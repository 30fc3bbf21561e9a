import { Command, Option } from 'clipanion';
import { SeriesChoosingCommand } from '../choosing-command.js';
import { parseSeriesChoice } from '../gaps/gap-options.js';
import { CATEGORY } from '../m1-command.js';
import { requireWholeNumber } from '../parse-number.js';

const MAX_STRETCHES = 10_000;

/** `m1 verify`: stored data against itself and the exchange. */
export class VerifyCommand extends SeriesChoosingCommand {
  static override paths = [['verify']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'check what is stored against itself, and against the exchange',
    details: `
      Compares the rows with what is recorded of them (nothing missing, nothing unknown, gaps where
      there are none), looks for rows that no exchange can have meant, and compares longer candles with
      the 5-minute candles that they are made of. \`--venue N\` has a worker ask the exchange again for N
      random stretches of up to 1000 stored candles. Nothing waits for it, and it changes nothing.

      \`--repair\` makes the records fit the rows, deletes wrong rows, and asks the exchange for what is
      missing then. Where a longer candle differs from its 5-minute candles, all of them are asked for.

      Exit codes: 0 clean, 2 wrong use or nothing stored of a pair that is named, 3 something is wrong (with \`--repair\`: still wrong).
    `,
    examples: [
      ['All that is stored', '$0 verify'],
      ['One pair, also against the exchange', '$0 verify --symbol BTCUSDT --venue 20'],
      ['Mend what is wrong', '$0 verify --repair'],
    ],
  });

  venue = Option.String('--venue', { description: 'compare N stored stretches with the exchange' });
  repair = Option.Boolean('--repair', false, { description: 'mend what is wrong' });
  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const filter = parseSeriesChoice(this);
    const { venue, repair, json } = this;
    const stretches =
      venue === undefined
        ? undefined
        : requireWholeNumber('--venue', venue, { min: 1, max: MAX_STRETCHES });
    const { loadConfig } = await import('../../runtime/config.js');
    const { verifySession } = await import('../verify/verify-session.js');
    const { interruptible } = await import('../interrupt.js');
    const config = loadConfig({ env: this.context.env });
    return interruptible(this.context, ({ signal }) =>
      verifySession({ config, filter, stretches, repair, json, signal }, this.context),
    );
  }
}
