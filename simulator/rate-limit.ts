import { SlidingWindow } from './sliding-window.js';

export const LIMIT_SPAN_MS = 5000;

/** What the limit says about a request. */
export interface Admission {
  readonly allowed: boolean;
  /** Requests left in this span, for the X-Bapi-Limit-Status header. */
  readonly remaining: number;
}

interface Caller {
  readonly window: SlidingWindow;
  bannedUntilMs: number;
}

/**
 * The venue's limit per IP: more than `limit` requests in any 5 s ban the IP for `banMs`. Requests
 * count when they arrive; those refused during a ban do not make it longer.
 */
export class RateLimit {
  /** 0 = no limit. */
  readonly limit: number;
  readonly #banMs: number;
  readonly #callers = new Map<string, Caller>();

  constructor(limit: number, banMs: number) {
    this.limit = limit;
    this.#banMs = banMs;
  }

  /** Counts a request that arrives at `nowMs`. */
  admit(ip: string, nowMs: number): Admission {
    if (this.limit === 0) return { allowed: true, remaining: 0 };
    const caller = this.#callers.get(ip) ?? {
      window: new SlidingWindow(LIMIT_SPAN_MS),
      bannedUntilMs: -Infinity,
    };
    this.#callers.set(ip, caller);
    if (nowMs < caller.bannedUntilMs) return { allowed: false, remaining: 0 };
    const count = caller.window.add(nowMs);
    if (count <= this.limit) return { allowed: true, remaining: this.limit - count };
    caller.bannedUntilMs = nowMs + this.#banMs;
    caller.window.clear();
    return { allowed: false, remaining: 0 };
  }

  /** Lifts all bans and forgets all requests. */
  reset(): void {
    this.#callers.clear();
  }
}
