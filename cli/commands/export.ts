import { Command, Option } from 'clipanion';
import { parseExport } from '../export/export-options.js';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 export`: stored candles as files. */
export class ExportCommand extends M1Command {
  static override paths = [['export']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'write stored candles into CSV, Parquet or JSON Lines files',
    details: `
      One series a file, closed candles only, by time: those that lie wholly within the range, or all
      that are stored. The columns are timestamp (open time, UTC), open, high, low, close, volume and
      turnover. The rows are those of one moment, whatever is written meanwhile.

      Beside FILE stands FILE.manifest.json: range, rows, SHA-256, whether all candles are there, and what
      is absent and why. It is written last. A file has its name only once it is whole.

      Exit codes: 0 done, complete or not, 1 failed or interrupted, 2 wrong use, an existing file or a series that
      is not stored.
    `,
    examples: [
      ['All that is stored, into BTCUSDT-5m.csv', '$0 export --symbol BTCUSDT --timeframe 5m'],
      [
        'A year of two pairs as Parquet',
        '$0 export --symbol BTCUSDT,ETHUSDT --timeframe 1h --from 2025-01-01 --to 2026-01-01 --format parquet',
      ],
      ['Into a pipe', '$0 export --symbol BTCUSDT --timeframe 1d --output - | tail -1'],
    ],
  });

  symbols = Option.Array('--symbol', [], { description: 'the pair; may be repeated' });
  timeframes = Option.Array('--timeframe', [], {
    description: '5m, 15m, 1h, 4h or 1d; may be repeated',
  });
  from = Option.String('--from', { description: 'begin of the range (default the first candle)' });
  to = Option.String('--to', {
    description: 'end of the range (default now; without --from the last candle)',
  });
  format = Option.String('--format', {
    description:
      'csv, parquet or jsonl (default by the ending of FILE, which it must not contradict, else csv)',
  });
  output = Option.String('--output', {
    description: 'the file (default SYMBOL-TIMEFRAME.FORMAT here); - writes to stdout',
  });
  force = Option.Boolean('--force', false, { description: 'replace a file that is there' });
  json = Option.Boolean('--json', false, { description: 'print one JSON document' });

  protected async run(): Promise<number> {
    const request = parseExport(this);
    const { force, json } = this;
    const version = this.cli.binaryVersion ?? 'unknown';
    const { loadConfig } = await import('../../runtime/config.js');
    const { exportSession } = await import('../export/export-session.js');
    const { interruptible } = await import('../interrupt.js');
    const config = loadConfig({ env: this.context.env });
    return interruptible(this.context, ({ signal }) =>
      exportSession({ config, request, force, json, version, signal }, this.context),
    );
  }
}
