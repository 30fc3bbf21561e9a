import type { CandleList } from './candle-list.js';
import type { CandleView } from './candle-series.js';
import { DAY_MS } from './interval.js';
import { writeKline, type KlineElement } from './kline-frame.js';
import type { Market } from './market.js';
import type { OpenCandles } from './open-candles.js';
import type { StreamConnection } from './stream-connection.js';
import type { StreamFrame } from './stream-frame.js';
import type { StreamStats } from './stream-stats.js';
import type { KlineTopic } from './stream-topic.js';
import type { TradeRhythms } from './trade-rhythm.js';

/** After a jump of the clock, candles that closed longer ago are not sent any more. */
const CATCH_UP_MS = 7 * DAY_MS;

/** Candles to the subscribers: the open one again and again, each closed one once. */
export class KlineFeed {
  readonly #market: Market;
  readonly #candles: OpenCandles;
  readonly #rhythms: TradeRhythms;
  readonly #stats: StreamStats;

  constructor(parts: {
    market: Market;
    candles: OpenCandles;
    rhythms: TradeRhythms;
    stats: StreamStats;
  }) {
    this.#market = parts.market;
    this.#candles = parts.candles;
    this.#rhythms = parts.rhythms;
    this.#stats = parts.stats;
  }

  /** The open candle as it is now; undefined when there is none, or an older one is still to close. */
  open(topic: KlineTopic): StreamFrame | undefined {
    const { pair, interval } = topic;
    const nowMs = this.#market.clock.nowMs();
    if (interval.floor(nowMs) !== topic.openMs || !this.#market.isTrading(pair)) return undefined;
    const candle = this.#candles.candle(pair, interval, nowMs);
    if (candle.length === 0) return undefined;
    return writeKline(topic, [this.#element(topic, candle, false, nowMs)], nowMs);
  }

  /** Sends every open candle of these connections. */
  *sendOpen(connections: Iterable<StreamConnection>): Generator<void> {
    for (const connection of connections) {
      for (const topic of connection.klines()) {
        const frame = this.open(topic);
        if (frame !== undefined) connection.deliver(frame);
        yield;
      }
    }
  }

  /** Whether the connection has candles to close. */
  isDue(connection: StreamConnection): boolean {
    return nextEnd(connection) <= this.#market.clock.nowMs();
  }

  /**
   * Sends the closing frames that are due, oldest first. It stops while the client does not keep
   * up: on a fast clock a day of candles would otherwise be cut off as a slow consumer.
   */
  *close(connection: StreamConnection): Generator<void> {
    this.#skipLongPast(connection);
    const keepsUp = (): boolean => connection.isLive && !connection.isCongested;
    let dueMs = nextEnd(connection);
    while (dueMs <= this.#market.clock.nowMs() && keepsUp()) {
      for (const topic of connection.klines()) {
        if (topic.endMs !== dueMs) continue;
        this.#closeCandle(connection, topic);
        yield;
      }
      dueMs = nextEnd(connection);
    }
  }

  /** After the clock was set back: the candles of the earlier time are open again. */
  rewind(connection: StreamConnection): void {
    const nowMs = this.#market.clock.nowMs();
    for (const topic of connection.klines()) if (topic.openMs > nowMs) moveTo(topic, nowMs);
  }

  #closeCandle(connection: StreamConnection, topic: KlineTopic): void {
    const { openMs, endMs, pair, interval } = topic;
    moveTo(topic, endMs);
    // a candle that trading did not outlive has no closing frame
    if (pair.listing.delistedMs < endMs) return;
    const closed = pair.series.oldest(interval, openMs, openMs, 1, this.#closedView());
    if (closed.length === 0) return;
    const elements = [this.#element(topic, closed, true, endMs - 1)];
    const { streamJoinedBoundary, streamDuplicateConfirms } = this.#market.quirks;
    if (streamJoinedBoundary && endMs < pair.listing.delistedMs) {
      const opened = this.#candles.candle(pair, interval, endMs);
      if (opened.length > 0) elements.push(this.#element(topic, opened, false, endMs));
    }
    const frame = writeKline(topic, elements, this.#market.clock.nowMs());
    connection.deliver(frame);
    if (streamDuplicateConfirms) connection.deliver(frame);
  }

  #closedView(): CandleView {
    const { quirks, clock } = this.#market;
    const view = this.#market.finalView(clock.nowMs());
    if (!quirks.streamAmended) return view;
    const { amendAfterMs, amendCutMs } = quirks;
    return { ...view, amendAfterMs, amendCutMs, amendments: true };
  }

  #element(
    { pair }: KlineTopic,
    candle: CandleList,
    confirm: boolean,
    momentMs: number,
  ): KlineElement {
    const lastTradeMs = this.#rhythms.of(pair).lastTradeMs(momentMs);
    return { candle, confirm, tradedMs: Math.max(candle.openMs[0] as number, lastTradeMs) };
  }

  #skipLongPast(connection: StreamConnection): void {
    const nowMs = this.#market.clock.nowMs();
    for (const topic of connection.klines()) {
      if (nowMs - topic.endMs <= CATCH_UP_MS) continue;
      const { lengthMs = topic.endMs - topic.openMs } = topic.interval;
      this.#stats.recordSkipped(Math.floor((nowMs - topic.openMs) / lengthMs));
      moveTo(topic, nowMs);
    }
  }
}

function moveTo(topic: KlineTopic, timeMs: number): void {
  topic.openMs = topic.interval.floor(timeMs);
  topic.endMs = topic.interval.next(topic.openMs);
}

function nextEnd(connection: StreamConnection): number {
  let earliest = Infinity;
  for (const { endMs } of connection.klines()) if (endMs < earliest) earliest = endMs;
  return earliest;
}
