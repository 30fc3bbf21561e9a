import { Command, Option } from 'clipanion';
import { WrongUse } from '../../domain/failure.js';
import { TIMEFRAMES, isTimeframe } from '../../domain/timeframe.js';
import { parseSeriesChoice } from '../gaps/gap-options.js';
import { CATEGORY, M1Command } from '../m1-command.js';
import { requireTimeMs } from '../parse-time.js';

/** `m1 gaps explain`: one candle. */
export class GapsExplainCommand extends M1Command {
  static override paths = [['gaps', 'explain']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'say where one candle came from, or why it is not there',
    details: `
      TIME is any moment within the candle. Shows the answers that brought it and the run that asked,
      with its link in the Web UI; or the gap, what the exchange answered, and when it is asked again.

      Exit codes: 0 the candle is stored, or is known not to exist; 3 it is missing without proof.
    `,
    examples: [
      ['A candle of 5 minutes', '$0 gaps explain BTCUSDT 5m 2026-03-01T10:05Z'],
      ['As JSON', '$0 gaps explain BTCUSDT 1d 2026-03-01 --json'],
    ],
  });

  symbol = Option.String({ name: 'SYMBOL' });
  timeframe = Option.String({ name: 'TIMEFRAME' });
  time = Option.String({ name: 'TIME' });
  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const { timeframe } = this;
    const [symbol, ...others] =
      parseSeriesChoice({ symbols: [this.symbol], timeframes: [] }).symbols ?? [];
    if (symbol === undefined || others.length > 0) throw new WrongUse('SYMBOL must be one pair');
    if (!isTimeframe(timeframe)) {
      throw new WrongUse(
        `TIMEFRAME ${JSON.stringify(timeframe)} is unknown: use ${TIMEFRAMES.join(', ')}`,
      );
    }
    const timeMs = requireTimeMs('TIME', this.time);
    const { loadConfig } = await import('../../runtime/config.js');
    const { explainCandle } = await import('../gaps/explain-candle.js');
    const config = loadConfig({ env: this.context.env });
    const options = { config, series: { symbol, timeframe }, timeMs, json: this.json };
    return explainCandle(options, this.context);
  }
}
