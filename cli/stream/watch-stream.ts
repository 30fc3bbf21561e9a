import { WrongUse } from '../../domain/failure.js';
import type { StreamStatus } from '../../domain/stream.js';
import type { Config } from '../../runtime/config.js';
import { print, type CommandIo } from '../io.js';
import { watchReader } from '../reader-gone.js';
import { createStreamView } from '../render/stream-view.js';
import type { NamedRun } from '../runs/with-run.js';
import { endSession, hintText, type SessionEndOptions } from './end-session.js';
import { followStream } from './follow-stream.js';
import { openPrices } from './prices.js';
import { openTickerLines } from './ticker-lines.js';

export interface WatchStreamOptions extends SessionEndOptions {
  readonly config: Pick<Config, 'redis'>;
  /** Prints the updates themselves. */
  readonly json: boolean;
  /** Stops a stream that this session started, and leaves one that it joined. */
  readonly signal: AbortSignal;
}

/** Shows a stream until it ends or is left. @returns the exit code */
export async function watchStream(options: WatchStreamOptions, io: CommandIo): Promise<number> {
  const { config, temporal, run, json } = options;
  const gone = watchReader(io);
  const lines = json ? await openTickerLines(config.redis, io) : undefined;
  const prices = openPrices(config.redis);
  const stream = json ? io.stderr : io.stdout;
  let status: StreamStatus | undefined;
  const view = await createStreamView({ stream, env: io.env, terse: json });
  try {
    const followed = await followStream({
      temporal,
      workflowId: run.workflowId,
      view,
      prices,
      joined: run.joined,
      hint: hintText(options),
      signal: AbortSignal.any([options.signal, gone.signal]),
      onStanding: async (standing) => {
        status = standing.status;
        await lines?.follow(status?.symbols ?? []);
      },
    });
    return await endSession(followed, { ...options, status }, io);
  } finally {
    gone.stop();
    prices.close();
    lines?.close();
  }
}

/** Shows a stream that somebody else started. @returns the exit code */
export async function watchNamedStream(
  { config, temporal, run, json, signal }: NamedRun & Pick<WatchStreamOptions, 'json' | 'signal'>,
  io: CommandIo,
): Promise<number> {
  if (json) {
    throw new WrongUse(
      'a stream has no end to wait for: m1 stream --json prints its updates, m1 runs show stream --json its figures',
    );
  }
  const tell = (line: string): void => print(io, [line]);
  const joined = { ...run, joined: true };
  return watchStream({ config, temporal, run: joined, json, signal, tell }, io);
}
