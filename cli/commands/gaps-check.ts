import { Command, Option } from 'clipanion';
import { WrongUse } from '../../domain/failure.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { parseRange, parseSeriesChoice } from '../gaps/gap-options.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 gaps check`: whether a range is complete, for scripts. */
export class GapsCheckCommand extends M1Command {
  static override paths = [['gaps', 'check']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'say whether all candles of a range are there: exit 0 or 3',
    details: `
      Complete means: every candle that lies wholly within the range is stored, or the exchange has
      none (proved, before the listing, after the delisting, an outage). A candle that has begun before
      \`--to\` and not ended does not count. SQL says the same: m1_complete(symbol, timeframe, from, to).

      The rows themselves are counted, so one that was deleted by other means is missing at once. Whether
      values are right is what \`m1 verify\` looks at.

      Exit codes: 0 complete, 3 not complete, with what is missing and why.
    `,
    examples: [
      [
        'Before a backtest',
        '$0 gaps check --symbol BTCUSDT --timeframe 1h --from 2026-01-01 --to 2026-04-01',
      ],
      [
        'Several pairs at once, until now',
        '$0 gaps check --symbol BTCUSDT,ETHUSDT --timeframe 5m --from 2026-03-01',
      ],
    ],
  });

  symbols = Option.Array('--symbol', [], { description: 'the pair; may be repeated' });
  timeframes = Option.Array('--timeframe', [], {
    description: '5m, 15m, 1h, 4h or 1d; may be repeated (default all)',
  });
  from = Option.String('--from', { description: 'begin of the range' });
  to = Option.String('--to', { description: 'end of the range (default now)' });
  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const { symbols, timeframes = TIMEFRAMES } = parseSeriesChoice(this);
    if (symbols === undefined) throw new WrongUse('--symbol is missing: name the pairs to check');
    if (this.from === undefined) throw new WrongUse('--from is missing: name the range to check');
    const range = parseRange({ from: this.from, to: this.to }, Date.now());
    const series = symbols.flatMap((symbol) =>
      timeframes.map((timeframe) => ({ symbol, timeframe })),
    );
    const { loadConfig } = await import('../../runtime/config.js');
    const { checkGaps } = await import('../gaps/check-gaps.js');
    const config = loadConfig({ env: this.context.env });
    return checkGaps({ config, series, range, json: this.json }, this.context);
  }
}
