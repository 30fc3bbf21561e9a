import type { StreamPairs } from '../../domain/stream.js';
import type { Config } from '../../runtime/config.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { EXIT } from '../exit-codes.js';
import { print, say, type CommandIo } from '../io.js';
import { pingRedis, refuseWrongPassword } from '../../storage/redis.js';
import { DEFAULT_TOP } from '../parse-pairs.js';
import { pairsText } from '../../steering/pairs-text.js';
import type { StartedRun } from '../../steering/start-run.js';
import { withTemporal } from '../runs/temporal-session.js';
import { runLink } from '../../steering/web-ui.js';
import { detachStream } from './detach-stream.js';
import { awaitStatus, changeSymbols } from './join-stream.js';
import { startOrJoinStream } from '../../steering/start-stream.js';
import { changeText } from './symbol-sets.js';
import { watchStream } from './watch-stream.js';

export interface StreamSessionOptions {
  readonly config: Config;
  /** Undefined: what runs already, or the top 50. */
  readonly pairs: StreamPairs | undefined;
  /** Returns as soon as the stream runs. */
  readonly detach: boolean;
  /** Prints the updates themselves. */
  readonly json: boolean;
  /** Stops a stream that this session started, and leaves one that it joined. */
  readonly signal: AbortSignal;
}

/** Starts or joins the stream and shows it. @returns the exit code */
export async function streamSession(options: StreamSessionOptions, io: CommandIo): Promise<number> {
  const { config, pairs, detach, json } = options;
  // stdout belongs to the updates, or to the id that a script reads
  const tell = (line: string): void => (json || detach ? say(io, line) : print(io, [line]));
  // before anything is started that would be shown to nobody
  await (json ? pingRedis(config.redis) : refuseWrongPassword(config.redis));
  return withTemporal(config, async (temporal) => {
    const asked = pairs ?? { kind: 'top', count: DEFAULT_TOP };
    const run = await startOrJoinStream(temporal, asked);
    const what = run.joined
      ? 'joined the stream that runs'
      : `stream of ${pairsText(asked)}: started`;
    tell(`${what}, ${run.workflowId}`);
    const link = runLink(config.temporal, run);
    if (link !== undefined) tell(link);
    if (run.joined && !(await adapt(temporal, run, options, tell))) return EXIT.failed;
    if (detach) return detachStream({ ...options, temporal, run, tell }, io);
    return watchStream({ ...options, temporal, run, tell }, io);
  });
}

/**
 * Makes the stream that runs follow what this session asked for.
 *
 * @returns false when nobody answers and nobody waits for it
 */
async function adapt(
  temporal: TemporalClient,
  { workflowId }: StartedRun,
  { pairs, detach, signal }: StreamSessionOptions,
  tell: (line: string) => void,
): Promise<boolean> {
  if (pairs === undefined) return true;
  const status = await awaitStatus({ temporal, workflowId, tell, once: detach, signal });
  if (status === undefined) return !detach;
  const change = await changeSymbols(temporal, workflowId, status, pairs);
  tell(change === undefined ? `it follows ${pairsText(pairs)} already` : changeText(change));
  return true;
}
