import type { Query } from './envelope.js';
import { LIMIT_SPAN_MS } from './rate-limit.js';
import { SlidingWindow } from './sliding-window.js';

/** A kline request as it arrived; parameters as they were sent. */
export interface KlineLogEntry {
  readonly symbol: string | null;
  readonly interval: string | null;
  readonly start: string | null;
  readonly end: string | null;
  readonly limit: string | null;
  /** Wall clock of the simulator (arbitrary zero), ms. */
  readonly arrivalMs: number;
}

/** A snapshot of what was asked so far. */
export interface StatsSnapshot {
  readonly requests: number;
  /** By path. */
  readonly byEndpoint: Readonly<Record<string, number>>;
  /** The most requests in any 5 s so far, refused ones included. */
  readonly mostIn5s: number;
  /** Answers 403 because of the rate limit. */
  readonly refusals: number;
  /** Requests that met a fault. */
  readonly faults: number;
}

/** Counts requests; admin requests are not among them. */
export class RequestStats {
  readonly #logSize: number;
  #window = new SlidingWindow(LIMIT_SPAN_MS);
  #byEndpoint = new Map<string, number>();
  #klines: KlineLogEntry[] = [];
  #requests = 0;
  #mostIn5s = 0;
  #refusals = 0;
  #faults = 0;

  /** Remembers at most `logSize` kline requests, the latest ones. */
  constructor(logSize: number) {
    this.#logSize = logSize;
  }

  record(path: string, arrivalMs: number): void {
    this.#requests++;
    this.#mostIn5s = Math.max(this.#mostIn5s, this.#window.add(arrivalMs));
    this.#byEndpoint.set(path, (this.#byEndpoint.get(path) ?? 0) + 1);
  }

  recordKline(query: Query, arrivalMs: number): void {
    if (this.#logSize === 0) return;
    this.#klines.push({
      symbol: query.get('symbol'),
      interval: query.get('interval'),
      start: query.get('start'),
      end: query.get('end'),
      limit: query.get('limit'),
      arrivalMs,
    });
    // cut in one go at twice the size, not one by one
    if (this.#klines.length >= 2 * this.#logSize) this.#klines = this.klines();
  }

  recordRefusal(): void {
    this.#refusals++;
  }

  recordFault(): void {
    this.#faults++;
  }

  snapshot(): StatsSnapshot {
    return {
      requests: this.#requests,
      byEndpoint: Object.fromEntries(this.#byEndpoint),
      mostIn5s: this.#mostIn5s,
      refusals: this.#refusals,
      faults: this.#faults,
    };
  }

  /** The latest kline requests in the order of arrival. */
  klines(): KlineLogEntry[] {
    return this.#klines.slice(-this.#logSize);
  }

  reset(): void {
    this.#window = new SlidingWindow(LIMIT_SPAN_MS);
    this.#byEndpoint = new Map();
    this.#klines = [];
    this.#requests = 0;
    this.#mostIn5s = 0;
    this.#refusals = 0;
    this.#faults = 0;
  }
}
