import { Command, Option } from 'clipanion';
import { WrongUse } from '../../domain/failure.js';
import { CATEGORY, M1Command } from '../m1-command.js';
import { requireDecimal } from '../parse-number.js';
import { parseNamedPairs } from '../parse-pairs.js';

const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = '24';
/** A month. */
const MAX_HOURS = 744;

/** `m1 soak`: how the stream stands a long time. */
export class SoakCommand extends M1Command {
  static override paths = [['soak']];

  static override usage = Command.Usage({
    category: CATEGORY.services,
    description: 'run the stream for hours, and judge memory, lag, reconnects and completeness',
    details: `
      Starts the stream, or joins the one that runs, looks at it every minute (30 times in less than half
      an hour), and ends with a verdict: whether memory is flat, every candle that closed is stored or explained, every reconnect recovered,
      and no ticker was dropped while Redis was there. Candles are judged by the venue's clock, all else
      by real time. A stream that it started is stopped at the end, one that it joined is left.

      Less than ten minutes are refused, since no candle may close in them, but for simulated data, whose
      market may be faster.

      Ctrl-C ends it early with the verdict so far.

      Exit codes: 0 passed, 1 could not run, 2 wrong use, 3 not passed.
    `,
    examples: [
      ['A day with the top 50 pairs', '$0 soak --report soak.md'],
      ['Half an hour with two pairs', '$0 soak --hours 0.5 --symbol BTCUSDT --symbol ETHUSDT'],
    ],
  });

  hours = Option.String('--hours', DEFAULT_HOURS, { description: 'how long (default 24)' });
  symbols = Option.Array('--symbol', [], {
    description: 'a pair by its ByBit name; may be repeated or a list joined by commas',
  });
  top = Option.String('--top', { description: 'the top N USDT pairs by turnover (default 50)' });
  report = Option.String('--report', {
    description:
      'write verdict and samples to this file: JSON when it ends in .json, else Markdown',
  });
  json = Option.Boolean('--json', false, { description: 'print one JSON document at the end' });

  protected async run(): Promise<number> {
    const pairs = parseNamedPairs(this);
    const durationMs = requireDecimal('--hours', this.hours, MAX_HOURS) * HOUR_MS;
    if (durationMs === 0) throw new WrongUse('--hours must be more than 0');
    const { loadConfig } = await import('../../runtime/config.js');
    const config = loadConfig({ env: this.context.env });
    const { soakSession } = await import('../soak/soak-session.js');
    const { interruptible } = await import('../interrupt.js');
    const { report, json } = this;
    return interruptible(this.context, ({ signal }) =>
      soakSession({ config, pairs, durationMs, report, json, signal }, this.context),
    );
  }
}
