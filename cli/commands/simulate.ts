import { Command, Option } from 'clipanion';
import { WrongUse, reasonOf } from '../../domain/failure.js';
import { EXIT } from '../exit-codes.js';
import { CATEGORY, M1Command } from '../m1-command.js';
import { requireDecimal, requireWholeNumber } from '../parse-number.js';
import { requireTimeMs } from '../parse-time.js';

const PORT = { min: 0, max: 65_535 };

/** `m1 simulate`: a local ByBit. */
export class SimulateCommand extends M1Command {
  static override paths = [['simulate']];

  static override usage = Command.Usage({
    category: CATEGORY.local,
    description: 'run a local ByBit with made-up or recorded candles',
    details: `
      Answers the REST calls of ByBit's spot market and streams its tickers and candles until
      Ctrl-C. Point M1 at it with \`BYBIT_REST_URL\` and \`BYBIT_WS_URL\`; \`m1 up --simulated\` does
      all of that by itself.
    `,
    examples: [
      ['On a fixed port', '$0 simulate --port 8900'],
      ['A year ago, a thousand times faster', '$0 simulate --now 2025-01-01 --speed 1000'],
      ['Recorded candles', '$0 simulate --candles candles.csv.gz --now 2026-02-01'],
    ],
  });

  port = Option.String('--port', '0', { description: 'port on 127.0.0.1 (default a free one)' });
  candles = Option.Array('--candles', [], {
    description: 'file of recorded 5-minute candles (CSV or CSV.gz) to serve; may be repeated',
  });
  now = Option.String('--now', {
    description: 'start of the market clock (default the real time)',
  });
  speed = Option.String('--speed', { description: 'market seconds in a real one (default 1)' });
  seed = Option.String('--seed', {
    description: 'the same seed makes the same candles (default m1)',
  });
  pairs = Option.String('--pairs', { description: 'how many made-up pairs trade (default 60)' });
  latency = Option.String('--latency', { description: 'delay of every answer, ms (default 0)' });
  limit = Option.String('--limit', {
    description: 'requests in any 5 s before it bans, 0 for no limit (default 600)',
  });
  json = Option.Boolean('--json', false, { description: 'print the addresses as a JSON document' });

  protected async run(): Promise<number> {
    const options = this.simulatorOptions();
    const { interruptible } = await import('../interrupt.js');
    const { startSimulator } = await import('../../simulator/simulator.js');
    return interruptible(this.context, async (shutdown) => {
      const simulator = await startSimulator(options).catch((error: unknown) => {
        throw new WrongUse(reasonOf(error));
      });
      shutdown.add('the simulator', () => simulator.close());
      const { url, wsUrl, port } = simulator;
      if (this.json) this.printJson({ rest_url: url, ws_url: wsUrl, port });
      else {
        this.print(`SIMULATED ByBit at ${url} and ${wsUrl}`);
        this.print('set BYBIT_REST_URL and BYBIT_WS_URL to them; Ctrl-C ends it');
      }
      await shutdown.requested();
      return EXIT.done;
    });
  }

  private simulatorOptions() {
    const { candles, now, speed, seed, pairs, latency, limit } = this;
    const whole = (option: string, text: string, max: number): number =>
      requireWholeNumber(option, text, { min: 0, max });
    return {
      port: requireWholeNumber('--port', this.port, PORT),
      ...(candles.length === 0 ? {} : { candles }),
      ...(now === undefined ? {} : { now: requireTimeMs('--now', now) }),
      ...(speed === undefined ? {} : { speed: requireDecimal('--speed', speed, 1_000_000) }),
      ...(seed === undefined ? {} : { seed }),
      ...(pairs === undefined ? {} : { pairs: whole('--pairs', pairs, 5_000) }),
      ...(latency === undefined ? {} : { latencyMs: whole('--latency', latency, 60_000) }),
      ...(limit === undefined ? {} : { limit: whole('--limit', limit, 1_000_000) }),
    };
  }
}
