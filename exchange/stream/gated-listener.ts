import type { LiveCandle } from '../../domain/live-candle.js';
import type { LiveFeedListener } from '../../domain/live-feed.js';
import type { Series } from '../../domain/series.js';
import type { Ticker } from '../../domain/ticker.js';

/** What all connections tell, as one feed: the venue's time never goes back, and it can be ended. */
export class GatedListener implements LiveFeedListener {
  readonly #listener: LiveFeedListener;
  #shut = false;
  #venueTimeMs = 0;

  constructor(listener: LiveFeedListener) {
    this.#listener = listener;
  }

  /** From now on the listener hears nothing. */
  shut(): void {
    this.#shut = true;
  }

  ticker(ticker: Ticker): void {
    if (!this.#shut) this.#listener.ticker(ticker);
  }

  closedCandle(candle: LiveCandle): void {
    if (!this.#shut) this.#listener.closedCandle(candle);
  }

  venueTime(timeMs: number): void {
    if (this.#shut || timeMs <= this.#venueTimeMs) return;
    this.#venueTimeMs = timeMs;
    this.#listener.venueTime(timeMs);
  }

  live(series: readonly Series[], venueTimeMs: number): void {
    if (!this.#shut) this.#listener.live(series, venueTimeMs);
  }

  lost(series: readonly Series[], reason: string): void {
    if (!this.#shut) this.#listener.lost(series, reason);
  }

  refused(topic: string, reason: string): void {
    if (!this.#shut) this.#listener.refused(topic, reason);
  }
}
