import type { StreamPairs } from '../../domain/stream.js';
import type { Config } from '../../runtime/config.js';
import { print, type CommandIo } from '../io.js';
import { pairsText } from '../../steering/pairs-text.js';
import { withTemporal } from '../runs/temporal-session.js';
import { showFirstPrices } from '../stream/first-prices.js';
import { startOrJoinStream } from '../../steering/start-stream.js';
import { watchStream } from '../stream/watch-stream.js';

export interface DemoStreamOptions {
  readonly config: Config;
  readonly pairs: StreamPairs;
  /** Prints each price once instead of following them. */
  readonly once: boolean;
  /** The demo started the servers, which end with it. */
  readonly serversEnd: boolean;
  readonly signal: AbortSignal;
}

/**
 * Streams the pairs of the demo, or shows the stream that runs already, whose set is somebody
 * else's choice. @returns the exit code
 */
export async function demoStream(options: DemoStreamOptions, io: CommandIo): Promise<number> {
  const { config, pairs, once, serversEnd, signal } = options;
  const tell = (line: string): void => print(io, [line]);
  return withTemporal(config, async (temporal) => {
    const run = await startOrJoinStream(temporal, pairs);
    tell(run.joined ? 'live prices of the stream that runs' : `live prices of ${pairsText(pairs)}`);
    const watch = { config, temporal, run, serversEnd, signal, tell };
    return once ? showFirstPrices(watch, io) : watchStream({ ...watch, json: false }, io);
  });
}
