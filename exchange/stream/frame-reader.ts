import type { LiveFeedListener } from '../../domain/live-feed.js';
import type { Series } from '../../domain/series.js';
import {
  frameTimeMs,
  parseFrame,
  parseKline,
  parseReply,
  parseTicker,
  type FrameTimes,
  type RawFrame,
  type Reply,
} from './parse-frame.js';
import { ReceiptClock } from './receipt-clock.js';
import type { Topic } from './topics.js';

export type FrameListener = Pick<LiveFeedListener, 'ticker' | 'closedCandle' | 'venueTime'>;

/** Reads the frames of one connection and tells the data in them. */
export class FrameReader {
  readonly #topics: ReadonlyMap<string, Topic>;
  readonly #listener: FrameListener;
  readonly #clock = new ReceiptClock();
  #messages = 0;
  #malformed = 0;
  #lastDataMs: number | undefined;
  #frameTimeMs = 0;
  #believedMs = 0;

  constructor(topics: readonly Topic[], listener: FrameListener) {
    this.#topics = new Map(topics.map((topic) => [topic.name, topic]));
    this.#listener = listener;
  }

  /**
   * @returns `data` for a frame of data, which has been told; `pong`; an answer to a request; or
   *   undefined for a frame that cannot be read
   * @throws what the listener throws
   */
  read(text: string): 'data' | 'pong' | Reply | undefined {
    this.#messages++;
    const frame = parseFrame(text);
    const answer =
      frame === undefined
        ? undefined
        : typeof frame['topic'] === 'string'
          ? this.#readData(frame, frame['topic'])
          : parseReply(frame);
    if (answer === undefined) this.#malformed++;
    return answer;
  }

  /** Frames read. */
  get messages(): number {
    return this.#messages;
  }

  /** Frames, and candles in them, that could not be read. */
  get malformed(): number {
    return this.#malformed;
  }

  /**
   * The venue's clock as two frames in a row have told it, ms; 0: not yet. One frame alone is not
   * believed, because whatever it says would stay: time does not go back.
   */
  get venueTimeMs(): number {
    return this.#believedMs;
  }

  /** When the last frame of data came, ms by `performance.now`; undefined: none has. */
  get lastDataMs(): number | undefined {
    return this.#lastDataMs;
  }

  #readData(frame: RawFrame, name: string): 'data' | undefined {
    const topic = this.#topics.get(name);
    const venueTimeMs = frameTimeMs(frame);
    if (topic === undefined || venueTimeMs === undefined) return undefined;
    const times = { venueTimeMs, receivedAtMs: this.#clock.nowMs() };
    this.#lastDataMs = performance.now();
    this.#believe(venueTimeMs);
    if (topic.kind === 'ticker') this.#tellTicker(frame, topic.symbol, times);
    else if (topic.kind === 'kline') this.#tellClosed(frame, topic.series, times);
    return 'data';
  }

  #believe(frameTimeMs: number): void {
    const believedMs = Math.min(this.#frameTimeMs, frameTimeMs);
    this.#frameTimeMs = frameTimeMs;
    if (believedMs <= this.#believedMs) return;
    this.#believedMs = believedMs;
    this.#listener.venueTime(believedMs);
  }

  #tellTicker(frame: RawFrame, symbol: string, times: FrameTimes): void {
    const ticker = parseTicker(frame, symbol, times);
    if (ticker === undefined) this.#malformed++;
    else this.#listener.ticker(ticker);
  }

  #tellClosed({ data }: RawFrame, series: Series, times: FrameTimes): void {
    if (!Array.isArray(data)) {
      this.#malformed++;
      return;
    }
    for (const element of data as readonly unknown[]) {
      const candle = parseKline(element, series, times);
      if (candle === undefined) this.#malformed++;
      else if (candle !== 'open') this.#listener.closedCandle(candle);
    }
  }
}
