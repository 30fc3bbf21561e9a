import { Command, Option } from 'clipanion';
import { WrongUse } from '../../domain/failure.js';
import { CATEGORY, M1Command } from '../m1-command.js';
import { parseNamedPairs } from '../parse-pairs.js';

/** `m1 stream`: live prices and candles of pairs. */
export class StreamCommand extends M1Command {
  static override paths = [['stream']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'follow pairs live: tickers into Redis, closed candles into the database',
    details: `
      Starts the stream and shows it; when one runs already, joins it. There is one stream: another set
      of pairs than it follows replaces that set, and the difference is printed. Without \`--top\` and
      \`--symbol\` whatever runs is joined, or the top 50 started.

      Ctrl-C stops a stream that this command started, and leaves one that it joined, which
      \`m1 stream stop\` stops.

      Exit codes: 0 stopped or left, 1 failed or the venue cannot be reached, 2 wrong use or an unknown
      symbol.
    `,
    examples: [
      ['The top 50 pairs, until Ctrl-C', '$0 stream'],
      ['Two pairs, left running', '$0 stream --symbol BTCUSDT --symbol ETHUSDT --detach'],
      ['Every update of a price as a line of JSON', '$0 stream --symbol BTCUSDT --json'],
      ['Stop it', '$0 stream stop'],
    ],
  });

  symbols = Option.Array('--symbol', [], {
    description: 'a pair by its ByBit name; may be repeated or a list joined by commas',
  });
  top = Option.String('--top', { description: 'the top N USDT pairs by turnover (default 50)' });
  detach = Option.Boolean('--detach', false, { description: 'start it, return when it runs' });
  json = Option.Boolean('--json', false, { description: 'print one line of JSON per update' });

  protected async run(): Promise<number> {
    const pairs = parseNamedPairs(this);
    const { detach, json } = this;
    if (detach && json) {
      throw new WrongUse('--json excludes --detach: a stream that is left prints no updates');
    }
    const { loadConfig } = await import('../../runtime/config.js');
    const config = loadConfig({ env: this.context.env });
    const { streamSession } = await import('../stream/stream-session.js');
    const { interruptible } = await import('../interrupt.js');
    return interruptible(this.context, ({ signal }) =>
      streamSession({ config, pairs, detach, json, signal }, this.context),
    );
  }
}
