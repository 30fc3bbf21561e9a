import type { Logger } from '../../runtime/logger.js';
import type { StreamMetrics } from '../../runtime/metrics/stream-metrics.js';
import { closeTimeMs, CloseWatch } from '../../domain/close-watch.js';
import { DelayMeter } from '../../domain/delay-meter.js';
import type { LiveCandle } from '../../domain/live-candle.js';
import type {
  FeedStatus,
  LiveFeed,
  LiveFeedListener,
  OpenLiveFeed,
} from '../../domain/live-feed.js';
import type { Series } from '../../domain/series.js';
import type { FetchOrigin, GapQueue, LiveCandleStore, StoredLive } from '../../domain/stores.js';
import type { StreamFigures } from '../../domain/stream.js';
import type { Ticker, TickerCache } from '../../domain/ticker.js';
import type { Venue } from '../../domain/venue.js';
import { VenueLag } from '../../domain/venue-lag.js';
import { LiveWriter } from './live-writer.js';
import { Reread } from './reread.js';
import { TickerPump } from './ticker-pump.js';

/** A candle is read again so long after its close, by the venue's clock, ms. */
const REREAD_AFTER_MS = 5_000;

/** A closing frame later than this after the close is late, by the venue's clock, ms. */
const LATE_MS = 5_000;

/** A connection that claims to be live without data for so long is beyond its own watchdog, ms. */
const LOST_MS = 60_000;

export interface StreamSessionDeps {
  readonly openFeed: OpenLiveFeed;
  readonly tickers: TickerCache;
  readonly candles: LiveCandleStore;
  readonly gaps: GapQueue;
  readonly venue: Venue;
  readonly origin: FetchOrigin;
  readonly metrics: StreamMetrics;
  readonly log: Logger;
  /** Data flows on every connection, for the first time. */
  readonly onLive: () => void;
  /** There are gaps to repair. */
  readonly onGaps: () => void;
  /** Something that nobody foresaw: the session must end. */
  readonly onFault: (error: unknown) => void;
  /** Local clock, ms. */
  readonly nowMs: () => number;
}

/** One attempt at a stream: sockets, tickers, closed candles, readings again and hand-overs. */
export class StreamSession implements LiveFeedListener {
  readonly #deps: StreamSessionDeps;
  readonly #symbols: readonly string[];
  readonly #tickers: TickerPump;
  readonly #writer: LiveWriter;
  readonly #reread: Reread;
  readonly #closes = new CloseWatch(REREAD_AFTER_MS);
  readonly #lag = new DelayMeter();
  readonly #venueLag = new VenueLag();
  readonly #feed: LiveFeed;
  readonly #sinceMs: number;
  readonly #unfollow: () => void;
  #everLive = false;
  #candlesStored = 0;
  #revisions = 0;
  #gaps = 0;

  constructor(deps: StreamSessionDeps, symbols: readonly string[]) {
    const { log, metrics, onFault, origin } = deps;
    this.#deps = deps;
    this.#symbols = symbols;
    this.#sinceMs = deps.nowMs();
    this.#tickers = new TickerPump({
      cache: deps.tickers,
      onWritten: (ticker) => this.#tickerWritten(ticker),
      onAway: (reason) =>
        log.warn(`${reason}: tickers are counted as not written until it is back`),
      onBack: () => log.info('tickers are written again'),
      onSuperseded: () => log.info('another stream has taken over the tickers'),
      onFault,
    });
    this.#writer = new LiveWriter({
      store: deps.candles,
      origin,
      onStored: (candles, stored) => this.#candlesWere(candles, stored),
      onHandedOver: (gaps) => this.#handedOver(gaps),
      onAway: (reason) => log.warn(`${reason}: closed candles wait in memory until it is back`),
      onBack: () => log.info('the database is back: closed candles are stored again'),
      onGivenUp: () => metrics.candleGivenUp(),
      onFault,
    });
    this.#reread = new Reread({
      ...{ venue: deps.venue, store: deps.candles, symbols, nowMs: deps.nowMs, onFault },
      origin: { ...origin, source: 'rest' },
      onMissed: ({ symbol, timeframe }, times) => {
        this.#candlesStored += times.length;
        metrics.candlesMissed(timeframe, times.length);
        log.debug({ symbol, timeframe, candles: times.length }, 'the stream had missed candles');
      },
      onRevised: (count) => this.#revised(count),
      onTrouble: (reason) => log.warn(`closed candles are not read again for now: ${reason}`),
    });
    this.#feed = deps.openFeed(symbols, this);
    this.#unfollow = metrics.follow(() => ({
      ...this.figures(),
      messageAgeMs: this.figures().dataAgeMs,
      malformed: this.#feed.status().malformed,
    }));
  }

  /** Whether every connection is in a state that it knows: data flows, or it connects by schedule. */
  get healthy(): boolean {
    const { connections } = this.#feed.status();
    return connections.every(
      ({ state, dataAgeMs }) => state !== 'live' || (dataAgeMs ?? 0) < LOST_MS,
    );
  }

  figures(): StreamFigures {
    const status = this.#feed.status();
    const { connections, refusedTopics } = status;
    const ages = connections.flatMap(({ dataAgeMs }) => dataAgeMs ?? []);
    return {
      state: this.#state(status),
      connections: connections.length,
      liveConnections: connections.filter(({ state }) => state === 'live').length,
      symbols: this.#symbols.length,
      sinceMs: this.#sinceMs,
      messages: status.messages,
      tickersWritten: this.#tickers.written,
      tickersDropped: this.#tickers.dropped,
      candlesStored: this.#candlesStored,
      revisions: this.#revisions,
      reconnects: status.reconnects,
      gaps: this.#gaps,
      lagMs: this.#lag.summary(performance.now()),
      dataAgeMs: ages.length === 0 ? undefined : Math.round(Math.max(...ages)),
      refusedTopics: refusedTopics.slice(0, 10),
      lastError: connections.find(({ state }) => state !== 'live')?.lastError,
      rssBytes: process.memoryUsage.rss(),
    };
  }

  /**
   * Closes the sockets, then stores and writes what was accepted before.
   *
   * @param signal gives up what is not stored when it aborts
   */
  async close(signal: AbortSignal): Promise<void> {
    await this.#feed.close();
    await Promise.all([this.#reread.close(signal), this.#writer.drain(signal)]);
    await this.#tickers.drain(signal);
    this.#unfollow();
  }

  ticker(ticker: Ticker): void {
    this.#tickers.offer(ticker);
  }

  closedCandle(candle: LiveCandle): void {
    const { timeframe, openTimeMs, venueTimeMs } = candle;
    if (venueTimeMs - closeTimeMs(timeframe, openTimeMs) > LATE_MS) {
      this.#deps.metrics.candleLate(timeframe);
    }
    this.#writer.offer(candle);
  }

  venueTime(timeMs: number): void {
    const closes = this.#closes.advance(timeMs);
    if (closes !== undefined) this.#reread.closed(closes);
  }

  live(series: readonly Series[], venueTimeMs: number): void {
    this.#writer.handOver(series, venueTimeMs);
    this.#tellWhenLive();
  }

  lost(series: readonly Series[], reason: string): void {
    const symbols = new Set(series.map(({ symbol }) => symbol));
    for (const symbol of symbols) this.#tickers.forget(symbol);
    this.#deps.log.warn({ symbols: symbols.size }, `the stream is disconnected: ${reason}`);
  }

  refused(topic: string, reason: string): void {
    this.#deps.log.warn(`ByBit refuses ${topic} (${reason}): the other topics go on`);
    this.#tellWhenLive();
  }

  /** An older attempt is ended upon this, so none of its connections may still be missing here. */
  #tellWhenLive(): void {
    if (this.#everLive || this.#state(this.#feed.status()) !== 'live') return;
    this.#everLive = true;
    this.#deps.onLive();
  }

  #state({ connections }: FeedStatus): StreamFigures['state'] {
    if (connections.every(({ state }) => state === 'live')) return 'live';
    const failed = connections.some(({ lastError }) => lastError !== undefined);
    return failed ? 'reconnecting' : 'connecting';
  }

  #tickerWritten({ venueTimeMs, receivedAtMs }: Ticker): void {
    const now = performance.timeOrigin + performance.now();
    const lagMs = this.#venueLag.lateness(venueTimeMs, receivedAtMs) + (now - receivedAtMs);
    this.#lag.record(lagMs, performance.now());
    this.#deps.metrics.tickerLag(lagMs);
  }

  #candlesWere(candles: readonly LiveCandle[], stored: StoredLive): void {
    const nowMs = this.#deps.nowMs();
    for (const { timeframe, openTimeMs, venueTimeMs, receivedAtMs } of candles) {
      const afterCloseMs = Math.max(0, venueTimeMs - closeTimeMs(timeframe, openTimeMs));
      this.#deps.metrics.candleStored(timeframe, afterCloseMs + Math.max(0, nowMs - receivedAtMs));
    }
    this.#candlesStored += stored.added.length;
    this.#revised(stored.revised);
    this.#found(stored.gaps);
    void this.#publish(stored.added);
  }

  /** Best effort: who missed it reads the database. */
  async #publish(candles: readonly LiveCandle[]): Promise<void> {
    if (candles.length === 0) return;
    try {
      await this.#deps.tickers.publishClosedCandles(candles);
    } catch (error) {
      this.#deps.log.debug({ err: error }, 'closed candles were not published');
    }
  }

  #revised(count: number): void {
    if (count === 0) return;
    this.#revisions += count;
    this.#deps.metrics.candlesRevised(count);
  }

  /** Gaps of an attempt that died, or that could not wake repair, may be due as well. */
  #handedOver(gaps: number): void {
    if (gaps > 0) this.#found(gaps);
    else void this.wakeRepairIfDue();
  }

  #found(gaps: number): void {
    if (gaps === 0) return;
    this.#gaps += gaps;
    this.#deps.metrics.gapsHandedOver(gaps);
    this.#deps.onGaps();
  }

  /** Never fails: it is asked again with the next report. */
  async wakeRepairIfDue(): Promise<void> {
    try {
      if ((await this.#deps.gaps.due(1)).length > 0) this.#deps.onGaps();
    } catch (error) {
      this.#deps.log.debug({ err: error }, 'due gaps could not be looked for');
    }
  }
}
