import { Option } from 'clipanion';
import { M1Command } from './m1-command.js';

/** A command about some of the stored series. */
export abstract class SeriesChoosingCommand extends M1Command {
  symbols = Option.Array('--symbol', [], { description: 'only this pair; may be repeated' });
  timeframes = Option.Array('--timeframe', [], {
    description: '5m, 15m, 1h, 4h or 1d; may be repeated (default all)',
  });
}

/** A command about some of the gaps. */
export abstract class GapChoosingCommand extends SeriesChoosingCommand {
  kinds = Option.Array('--kind', [], { description: 'only this kind; may be repeated' });
  from = Option.String('--from', { description: 'only gaps that reach beyond it' });
  to = Option.String('--to', { description: 'only gaps that begin before it' });
}
