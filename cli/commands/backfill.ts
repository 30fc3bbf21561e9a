import { Command, Option } from 'clipanion';
import { parseBackfillRequest } from '../backfill-request.js';
import { WrongUse } from '../../domain/failure.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 backfill`: loads the history of pairs. */
export class BackfillCommand extends M1Command {
  static override paths = [['backfill']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'load candles of the past, only those that are missing',
    details: `
      Starts a backfill and shows its progress; when the same backfill runs already, joins it. Ctrl-C
      leaves it running. A second run asks only for what is new or missing.

      Times are UTC: a date (\`2026-01-31\`) is its midnight, a moment has \`Z\` or an offset
      (\`2026-01-31T08:00Z\`). \`--from\` is included, \`--to\` is not.

      Exit codes: 0 done, 1 failed, 2 wrong use or an unknown symbol, 3 finished but some series failed.
    `,
    examples: [
      ['The top 50 pairs, all timeframes, 90 days', '$0 backfill'],
      [
        'Two pairs, hourly candles of one month',
        '$0 backfill --symbol BTCUSDT --symbol ETHUSDT --timeframe 1h --from 2026-01-01 --to 2026-02-01',
      ],
      [
        'What it would cost, without asking for a candle',
        '$0 backfill --top 200 --days 365 --dry-run',
      ],
      ['The series that failed the last time', '$0 backfill --only-failed'],
    ],
  });

  symbols = Option.Array('--symbol', [], {
    description: 'a pair by its ByBit name; may be repeated or a list joined by commas',
  });
  top = Option.String('--top', { description: 'the top N USDT pairs by turnover (default 50)' });
  timeframes = Option.Array('--timeframe', [], {
    description: '5m, 15m, 1h, 4h or 1d; may be repeated (default all)',
  });
  days = Option.String('--days', { description: 'so many days back from now (default 90)' });
  from = Option.String('--from', { description: 'begin of the range, instead of --days' });
  to = Option.String('--to', { description: 'end of the range (default now)' });
  dryRun = Option.Boolean('--dry-run', false, {
    description: 'print requests, candles and time, ask for no candle',
  });
  detach = Option.Boolean('--detach', false, { description: 'start it and return' });
  onlyFailed = Option.Boolean('--only-failed', false, {
    description: 'only series that an earlier run recorded as failed',
  });
  json = Option.Boolean('--json', false, { description: 'print one JSON document at the end' });

  protected async run(): Promise<number> {
    const request = parseBackfillRequest(this, Date.now());
    if (this.dryRun && this.detach) {
      throw new WrongUse('--dry-run excludes --detach: a plan is printed when it is made');
    }
    const { loadConfig } = await import('../../runtime/config.js');
    const config = loadConfig({ env: this.context.env });
    const { backfillSession } = await import('../runs/backfill-session.js');
    const { interruptible } = await import('../interrupt.js');
    const { detach, json } = this;
    return interruptible(this.context, ({ signal }) =>
      backfillSession({ config, request, detach, json, signal }, this.context),
    );
  }
}
