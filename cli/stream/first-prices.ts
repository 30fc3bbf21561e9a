import { EXIT } from '../exit-codes.js';
import { print, say, type CommandIo } from '../io.js';
import { PLAIN } from '../render/palette.js';
import { plainStreamLine, priceLines, type StreamPicture } from '../render/stream-lines.js';
import { endSession } from './end-session.js';
import { pollStream } from './poll-stream.js';
import { openPrices, type PriceReader } from './prices.js';
import { readStanding } from '../../steering/read-standing.js';
import { streamWord, whyUnreachable } from '../../steering/stream-standing.js';
import type { WatchStreamOptions } from './watch-stream.js';

/** A venue that can be reached has sent every ticker within this time, ms. */
const PATIENCE_MS = 15_000;

/** Wide enough for every column. */
const WIDTH = 200;

type FirstPrices =
  | { readonly kind: 'prices'; readonly picture: StreamPicture }
  | { readonly kind: 'unreachable'; readonly reason: string };

/**
 * Waits for a price of every pair, prints them once, then leaves the stream as a watching session
 * would.
 *
 * @returns the exit code
 */
export async function showFirstPrices(
  options: Omit<WatchStreamOptions, 'json'>,
  io: CommandIo,
): Promise<number> {
  const prices = openPrices(options.config.redis);
  try {
    const first = await pollStream(options, (waitedMs) => look(options, prices, waitedMs));
    if (first.kind !== 'prices') return await endSession(first, options, io);
    const { picture } = first;
    print(io, [plainStreamLine(picture), ...priceLines(picture, WIDTH, PLAIN)]);
    for (const notice of picture.notices) say(io, `m1: ${notice}`);
    const exitCode = await endSession({ kind: 'left' }, options, io);
    return picture.tickers.size === 0 ? EXIT.failed : exitCode;
  } finally {
    prices.close();
  }
}

async function look(
  { temporal, run }: Pick<WatchStreamOptions, 'temporal' | 'run'>,
  prices: PriceReader,
  waitedMs: number,
): Promise<FirstPrices | undefined> {
  const standing = await readStanding(temporal, run.workflowId);
  const reason = run.joined ? undefined : whyUnreachable(standing);
  if (reason !== undefined) return { kind: 'unreachable', reason };
  const symbols = standing.status?.symbols ?? [];
  const { tickers, fault } = await prices.read(symbols);
  const missing = symbols.filter((symbol) => !tickers.has(symbol));
  const live = streamWord(standing) === 'live';
  const complete = live && symbols.length > 0 && missing.length === 0;
  if (!complete && waitedMs < PATIENCE_MS) return undefined;
  const late = `not every price has come within ${PATIENCE_MS / 1000} s`;
  return {
    kind: 'prices',
    picture: {
      ...{ standing, tickers, messagesPerSecond: undefined, hint: undefined },
      notices: [...(complete ? [] : [late]), ...(fault === undefined ? [] : [fault])],
      nowMs: Date.now(),
    },
  };
}
