import { FrameReader } from '../stream/frame-reader.js';
import { Session } from '../stream/session.js';
import { streamUrl } from '../stream/stream-url.js';
import { STREAM_TIMING } from '../stream/timing.js';
import { CANARY_NAME, CANARY_SYMBOL } from '../stream/topics.js';

export interface StreamProbeOptions {
  /** Whole URL of the spot stream. */
  readonly wsUrl: string;
  /** From connecting to data, ms. */
  readonly timeoutMs: number;
}

/** `reason` is one line. */
export type StreamProbe =
  | { readonly kind: 'live'; readonly afterMs: number }
  | { readonly kind: 'failed'; readonly reason: string };

const CANARY = { kind: 'canary', name: CANARY_NAME, symbol: CANARY_SYMBOL } as const;

const NOBODY = {
  ticker: () => undefined,
  closedCandle: () => undefined,
  venueTime: () => undefined,
};

/**
 * Opens one connection as a stream does, waits for data and closes it.
 *
 * @throws WrongUse when `wsUrl` is no ws(s) URL
 */
export async function probeStream({ wsUrl, timeoutMs }: StreamProbeOptions): Promise<StreamProbe> {
  const url = streamUrl(wsUrl);
  let close = (): Promise<void> => Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<StreamProbe>((resolve) => {
      const startedMs = performance.now();
      const fail = (reason: string): void => resolve({ kind: 'failed', reason });
      const session = new Session({
        ...{ url, topics: [CANARY_NAME], timing: STREAM_TIMING },
        reader: new FrameReader([CANARY], NOBODY),
        events: {
          live: () => resolve({ kind: 'live', afterMs: performance.now() - startedMs }),
          refused: ([refusal]) => fail(`${CANARY_NAME} is refused: ${refusal?.reason ?? ''}`),
          // `ended` follows and has the reason
          bug: () => undefined,
          ended: fail,
        },
      });
      close = () => session.close();
      timer = setTimeout(() => {
        const missing = session.state === 'connecting' ? 'no connection' : 'no data';
        fail(`${missing} within ${timeoutMs / 1000} s`);
      }, timeoutMs);
    });
  } finally {
    clearTimeout(timer);
    await close();
  }
}
