import type { Duplex } from 'node:stream';
import { joinFrames, type WireFrame } from './frames.js';
import type { Play, Played } from './protocols.js';
import { Rhythm } from './rhythm.js';
import type { Subscribed, Subscribers, SubscribedSeries } from './subscribers.js';

/** Open candles come once a second, as recorded of a busy pair, ms. */
const OPEN_CANDLES_MS = 1_000;

/** Sends what is due: all frames of a connection in one write. */
export class Player {
  readonly #tickers: Rhythm<Subscribed>;
  readonly #others: readonly Rhythm<Subscribed>[];
  /** Still to be closed. */
  #series: readonly SubscribedSeries[];
  readonly #closeAtMs: number;
  #closes = 0;

  constructor(subscribers: Subscribers, options: Play) {
    const { symbols, everyMs, pattern, candles, forMs } = options;
    this.#tickers = new Rhythm(subscribers.tickers.slice(0, symbols), everyMs, pattern);
    const canaries = new Rhythm(subscribers.canaries, everyMs, pattern);
    this.#series = candles ? subscribers.series : [];
    this.#others = candles
      ? [canaries, new Rhythm(subscribers.series, OPEN_CANDLES_MS, 'spread')]
      : [canaries];
    this.#closeAtMs = forMs / 2;
  }

  get played(): Played {
    return {
      tickers: this.#tickers.taken,
      closes: this.#closes,
      skippedRounds: this.#tickers.skippedRounds,
    };
  }

  send(elapsedMs: number): void {
    const byTransport = new Map<Duplex, WireFrame[]>();
    const add = (transport: Duplex, frame: WireFrame | undefined): void => {
      if (frame === undefined) return;
      const frames = byTransport.get(transport) ?? [];
      frames.push(frame);
      byTransport.set(transport, frames);
    };
    for (const rhythm of [this.#tickers, ...this.#others]) {
      for (const { item, round } of rhythm.take(elapsedMs)) {
        add(item.transport, item.frames[round % item.frames.length]);
      }
    }
    if (elapsedMs >= this.#closeAtMs) {
      for (const { transport, closing } of this.#series) add(transport, closing);
      this.#closes += this.#series.length;
      this.#series = [];
    }
    const nowMs = Date.now();
    for (const [transport, frames] of byTransport) transport.write(joinFrames(frames, nowMs));
  }
}
