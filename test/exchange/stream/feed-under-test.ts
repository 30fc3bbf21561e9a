import { onTestFinished } from 'vitest';
import type { LiveFeed, LiveFeedListener } from '../../../domain/live-feed.js';
import { reconnectWaitMs } from '../../../domain/reconnect.js';
import { createBybitFeed } from '../../../exchange/stream/bybit-feed.js';
import type { StreamTiming } from '../../../exchange/stream/timing.js';
import { until } from '../../stack/until.js';
import { RecordingListener } from './recording-listener.js';

/** A hundredth of the real waits. */
export const SCALE = 100;

/** Durations that only a test of theirs shortens are long enough for a busy machine. */
const TIMING: Partial<StreamTiming> = {
  reconnectWaitMs: (attempt, chance) => reconnectWaitMs(attempt, chance) / SCALE,
};

export interface FeedUnderTest {
  readonly feed: LiveFeed;
  readonly told: RecordingListener;
  readonly warnings: string[];
  readonly errors: unknown[];
  /** Waits until the listener has heard so many of these in all. */
  readonly heard: (event: 'live' | 'lost' | 'refused', times?: number) => Promise<void>;
}

export interface FeedSetup {
  readonly url: string;
  readonly symbols: readonly string[];
  readonly timing?: Partial<StreamTiming>;
  readonly random?: () => number;
  /** Told instead of the one that records. */
  readonly listener?: (told: RecordingListener) => LiveFeedListener;
}

/** Opens a feed that is closed at the end of the test. */
export function openFeed(setup: FeedSetup): FeedUnderTest {
  const warnings: string[] = [];
  const errors: unknown[] = [];
  const told = new RecordingListener();
  const open = createBybitFeed({
    wsUrl: setup.url,
    random: setup.random ?? (() => 0.5),
    timing: { ...TIMING, ...setup.timing },
    log: {
      warn: (message) => void warnings.push(message),
      error: (_message, cause) => void errors.push(cause),
    },
  });
  const feed = open(setup.symbols, setup.listener?.(told) ?? told);
  onTestFinished(() => feed.close());
  const heard = async (event: 'live' | 'lost' | 'refused', times = 1): Promise<void> => {
    await until(`${event} ${times} times`, () => (told.count(event) >= times ? true : undefined));
  };
  return { feed, told, warnings, errors, heard };
}
