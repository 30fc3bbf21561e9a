import type { LiveCandle } from '../../../domain/live-candle.js';
import type { LiveFeedListener } from '../../../domain/live-feed.js';
import type { Series } from '../../../domain/series.js';
import type { Ticker } from '../../../domain/ticker.js';
import { klineName } from '../../../exchange/stream/topics.js';

/** Remembers what a feed tells. */
export class RecordingListener implements LiveFeedListener {
  readonly tickers: Ticker[] = [];
  readonly candles: LiveCandle[] = [];
  readonly venueTimes: number[] = [];
  /** `live`, `lost` and `refused` in their order, series as topic names. */
  readonly events: (
    | { readonly live: readonly string[]; readonly venueTimeMs: number }
    | { readonly lost: readonly string[]; readonly reason: string }
    | { readonly refused: string; readonly reason: string }
  )[] = [];

  ticker(ticker: Ticker): void {
    this.tickers.push(ticker);
  }

  closedCandle(candle: LiveCandle): void {
    this.candles.push(candle);
  }

  venueTime(timeMs: number): void {
    this.venueTimes.push(timeMs);
  }

  live(series: readonly Series[], venueTimeMs: number): void {
    this.events.push({ live: series.map(klineName), venueTimeMs });
  }

  lost(series: readonly Series[], reason: string): void {
    this.events.push({ lost: series.map(klineName), reason });
  }

  refused(topic: string, reason: string): void {
    this.events.push({ refused: topic, reason });
  }

  /** How often `live`, `lost` or `refused` was told. */
  count(event: 'live' | 'lost' | 'refused'): number {
    return this.events.filter((told) => event in told).length;
  }

  get refusedTopics(): readonly string[] {
    return this.events.flatMap((event) => ('refused' in event ? [event.refused] : []));
  }
}
