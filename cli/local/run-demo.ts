import type { BackfillRequest } from '../../domain/backfill.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { loadConfig, type Config } from '../../runtime/config.js';
import type { Shutdown } from '../../runtime/shutdown.js';
import type { StackMode } from '../../runtime/stack-file.js';
import { EXIT } from '../exit-codes.js';
import { interruptible } from '../interrupt.js';
import { print, type CommandIo } from '../io.js';
import { backfillSession } from '../runs/backfill-session.js';
import { showStatus } from '../status/show-status.js';
import { demoStream } from './demo-stream.js';
import { npxHint } from './npx-hint.js';
import { openLocalStack, stackLines, type LocalStack } from './local-stack.js';
import { waitForEnd } from './wait-for-end.js';

export interface DemoOptions {
  readonly asked: StackMode | undefined;
  readonly once: boolean;
}

/** Small enough for some ten seconds, large enough to see it work. */
const REQUEST: BackfillRequest = {
  pairs: { kind: 'top', count: 5 },
  timeframes: TIMEFRAMES,
  span: { kind: 'days', days: 30 },
  onlyFailed: false,
  dryRun: false,
};

/** Servers, a backfill, the status, live prices. @returns the exit code */
export async function runDemo(options: DemoOptions, io: CommandIo): Promise<number> {
  return interruptible(io, async (shutdown) => {
    try {
      return await demo(options, shutdown, io);
    } catch (error) {
      // Ctrl-C is how a demo ends, at whatever moment it comes
      if (shutdown.signal.aborted) return EXIT.done;
      throw error;
    }
  });
}

function leftText({ started }: LocalStack): string {
  return started ? 'the backfill goes on at the next m1 up' : 'the backfill goes on';
}

async function demo(options: DemoOptions, shutdown: Shutdown, io: CommandIo): Promise<number> {
  const before = loadConfig({ env: io.env });
  const stack = await openLocalStack(before, options.asked, shutdown, io);
  const { signal } = shutdown;
  const { once } = options;
  const staying = !(once && stack.started);
  // read again: the stack that runs now names the servers
  const config = linked(loadConfig({ env: io.env }), staying);
  const exitCode = await backfillSession(
    { config, request: REQUEST, detach: false, json: false, signal, leftText: leftText(stack) },
    io,
  );
  if (signal.aborted) return EXIT.done;
  if (exitCode !== EXIT.done && exitCode !== EXIT.partial) return exitCode;
  await showStatus({ config, exact: false, json: false }, io);
  if (staying) print(io, stackLines(stack.file, config.home));
  if (!once) print(io, [nextLine(stack, io)]);
  const streamed = await demoStream(
    { config, pairs: REQUEST.pairs, once, serversEnd: stack.started, signal },
    io,
  );
  if (streamed !== EXIT.done) return streamed;
  if (once) return exitCode;
  await waitForEnd(stack, config.home, shutdown, io);
  return EXIT.done;
}

/** Links to servers that end with the command would lead nowhere. */
function linked(config: Config, staying: boolean): Config {
  return staying ? config : { ...config, temporal: { ...config.temporal, uiUrl: undefined } };
}

function nextLine({ started }: LocalStack, { env }: CommandIo): string {
  const stops = started ? 'Ctrl-C stops everything' : 'Ctrl-C leaves the servers running';
  const commands = 'm1 backfill --top 20 --days 365, m1 stream, m1 runs list';
  return `next, in another terminal: ${commands}${npxHint(env)}; ${stops}`;
}
