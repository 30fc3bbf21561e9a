import { randomUUID } from 'node:crypto';
import type { BudgetClass, BudgetSlot, RequestBudget } from '../domain/budget.js';
import { reasonOf } from '../domain/failure.js';
import type { BanStore } from '../domain/stores.js';
import { BanWatch } from './ban-watch.js';
import { BudgetMembership } from './budget-membership.js';
import { BUDGET_PREFIX, SharedSlots, type ScriptRedis, type TakeReply } from './shared-slots.js';
import { SlotBook } from './slot-book.js';
import { TakeQueue } from './take-queue.js';

/** The venue counts requests in any span of this length, ms. */
const SPAN_MS = 5_000;
/** Most slots asked for in one call. */
const BATCH = 64;
/** Share of the budget that a backfill leaves to upkeep, while there is any. */
const RESERVE = 0.1;
/** Upkeep that has not asked for this long needs no reserve, ms. */
const UPKEEP_TTL_MS = 600_000;
/** Share of the budget that a worker takes while it cannot ask the others. */
const ALONE = 0.25;

export interface RedisBudgetOptions {
  readonly redis: ScriptRedis;
  readonly bans: BanStore;
  /** Requests in any 5 s, of all workers together. */
  readonly limit: number;
  /** A request that has no answer after this time counts as answered, ms. */
  readonly requestTimeoutMs: number;
  /** Start of the keys in Redis; default `m1:budget`. */
  readonly keyPrefix?: string;
  /** Redis is away: this worker takes a quarter of the budget. Called once each time. */
  readonly onDegraded?: (reason: string) => void;
  /** The budget is shared again. */
  readonly onRecovered?: () => void;
  /** Local clock for bans, ms since 1970; default `Date.now`. */
  readonly now?: () => number;
}

/**
 * The request budget that all workers share through Redis.
 *
 * One call to Redis is under way at a time; it settles what was answered and asks for exactly what
 * waits. Without Redis the worker grants from a quarter of the budget by itself, once the slots that
 * others were granted before have freed. Its own slots are kept in a book all the time, so that neither
 * change of side forgets requests that the venue still counts.
 */
export class RedisBudget implements RequestBudget {
  readonly #limit: number;
  readonly #bans: BanStore;
  readonly #ban: BanWatch;
  readonly #now: () => number;
  readonly #shared: SharedSlots;
  readonly #book: SlotBook;
  readonly #membership: BudgetMembership;
  readonly #queue = new TakeQueue();
  readonly #workerId = randomUUID();
  #nextId = 0;
  /** Answered since the last call to Redis, with the moment of the steady clock. */
  #settled: { readonly id: string; readonly atMs: number }[] = [];
  /** Earliest moments of the steady clock at which asking makes sense. */
  #askAt: Record<BudgetClass, number> = { upkeep: 0, backfill: 0 };
  #upkeepAt = -Infinity;
  #running = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RedisBudgetOptions) {
    const { redis, limit, requestTimeoutMs, keyPrefix = BUDGET_PREFIX, now = Date.now } = options;
    const holdMs = requestTimeoutMs + SPAN_MS;
    this.#limit = limit;
    this.#bans = options.bans;
    this.#now = now;
    this.#ban = new BanWatch(options.bans, now);
    this.#book = new SlotBook({ coolMs: SPAN_MS, holdMs });
    this.#shared = new SharedSlots({
      ...{ redis, keyPrefix, limit, holdMs },
      reserve: Math.floor(limit * RESERVE),
      coolMs: SPAN_MS,
      upkeepTtlMs: UPKEEP_TTL_MS,
      workerId: this.#workerId,
    });
    this.#membership = new BudgetMembership({
      shared: this.#shared,
      book: this.#book,
      holdMs,
      onDegraded: (reason) => options.onDegraded?.(reason),
      onRecovered: () => options.onRecovered?.(),
    });
    // Redis may come back without the last grants, even when no call of ours was under way.
    redis.on('close', () => {
      if (!this.#membership.shares || this.#closed) return;
      this.#leave('Redis closed the connection');
      this.#wakeIn(0);
    });
  }

  take(budgetClass: BudgetClass, signal?: AbortSignal): Promise<BudgetSlot> {
    if (this.#closed) return Promise.reject(new Error('the request budget is closed'));
    const slot = this.#queue.wait(budgetClass, signal);
    this.#wakeIn(0);
    return slot;
  }

  /** @throws ServerAway when the ban could not be stored; this worker keeps to it all the same */
  async ban(untilMs: number): Promise<void> {
    this.#keepBan(untilMs);
    const [stored] = await Promise.allSettled([
      this.#bans.extend(untilMs),
      this.#shared.ban(Math.max(1, untilMs - this.#now())),
    ]);
    if (stored.status === 'rejected') throw stored.reason;
  }

  /** Refuses those who wait and stops all timers. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#queue.refuseAll(new Error('the request budget is closed'));
  }

  #wakeIn(ms: number): void {
    if (this.#closed || this.#running) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), ms);
    // Waiting for Redis to come back is no reason to keep the process alive.
    if (this.#queue.size === 0) this.#timer.unref();
  }

  /** One round, then sleeps until the next makes sense. */
  async #run(): Promise<void> {
    this.#running = true;
    try {
      await this.#round();
    } catch (error) {
      this.#queue.refuseAll(error);
    } finally {
      this.#running = false;
    }
    const sleepMs = this.#sleepMs();
    if (sleepMs !== undefined) this.#wakeIn(sleepMs);
  }

  async #round(): Promise<void> {
    if (!this.#membership.shares && performance.now() >= this.#membership.rejoinAtMs) {
      await this.#join();
    }
    if (this.#queue.size > 0) {
      await this.#ban.refresh();
      if (this.#keepBan(0)) return;
    }
    if (this.#membership.shares) await this.#takeShared();
    else this.#takeAlone();
  }

  /** Time until the next round, ms; undefined when there is nothing to do. */
  #sleepMs(): number | undefined {
    const now = performance.now();
    const { shares, rejoinAtMs } = this.#membership;
    const moments = (['upkeep', 'backfill'] as const)
      .filter((budgetClass) => this.#queue.count(budgetClass) > 0)
      .map((budgetClass) => this.#askAt[budgetClass]);
    if (shares && this.#settled.length > 0) moments.push(now);
    if (!shares) moments.push(rejoinAtMs);
    return moments.length === 0 ? undefined : Math.max(0, Math.min(...moments) - now);
  }

  async #join(): Promise<void> {
    const told = this.#settled.length;
    await this.#membership.join(this.#ban.leftMs());
    // The book told of those; what was settled during the call is news.
    this.#settled = this.#settled.slice(told);
    this.#askAt = { upkeep: 0, backfill: 0 };
  }

  #leave(reason: string): void {
    // A ban may be lost with the rest; the database knows, and is asked before anything is granted.
    this.#ban.expire();
    this.#membership.leave(reason);
    this.#askAt = { upkeep: 0, backfill: 0 };
  }

  async #takeShared(): Promise<void> {
    const now = performance.now();
    const upkeep = this.#wanted('upkeep', now, BATCH);
    const backfill = this.#wanted('backfill', now, BATCH - upkeep);
    const settled = this.#settled;
    if (upkeep + backfill + settled.length === 0) return;
    this.#settled = [];
    const { generation } = this.#membership;
    const firstId = this.#nextId;
    try {
      const reply = await this.#shared.take({
        ...{ generation, upkeep, backfill, firstId },
        settled: settled.map(({ id, atMs }) => [id, now - atMs]),
      });
      this.#apply(reply);
    } catch (error) {
      // What Redis may have granted without telling frees itself there.
      this.#nextId = firstId + upkeep + backfill;
      this.#leave(`Redis does not answer (${reasonOf(error)})`);
    }
  }

  #wanted(budgetClass: BudgetClass, now: number, atMost: number): number {
    if (now < this.#askAt[budgetClass]) return 0;
    return Math.min(this.#queue.count(budgetClass), atMost);
  }

  #apply({ status, upkeep, backfill, upkeepWaitMs, backfillWaitMs }: TakeReply): void {
    switch (status) {
      case 'ok': {
        const now = performance.now();
        this.#grant('upkeep', upkeep);
        this.#grant('backfill', backfill);
        if (upkeepWaitMs > 0) this.#askAt.upkeep = now + upkeepWaitMs;
        if (backfillWaitMs > 0) this.#askAt.backfill = now + backfillWaitMs;
        return;
      }
      case 'banned':
        this.#keepBan(this.#now() + upkeepWaitMs);
        return;
      case 'quiet':
        this.#membership.standAside(upkeepWaitMs);
        return;
      case 'lost':
        this.#leave('Redis has lost the state of the request budget');
    }
  }

  #takeAlone(): void {
    // Redis learns of these slots when the worker joins again, from the book.
    this.#settled = [];
    const now = performance.now();
    const { aloneFromMs } = this.#membership;
    if (now < aloneFromMs) {
      this.#askAt = { upkeep: aloneFromMs, backfill: aloneFromMs };
      return;
    }
    const limit = Math.max(1, Math.floor(this.#limit * ALONE));
    if (this.#queue.count('upkeep') > 0) this.#upkeepAt = now;
    const reserve = now - this.#upkeepAt < UPKEEP_TTL_MS ? Math.floor(limit * RESERVE) : 0;
    for (const [budgetClass, upTo] of [
      ['upkeep', limit],
      ['backfill', limit - reserve],
    ] as const) {
      const free = Math.max(0, upTo - this.#book.used(now));
      this.#grant(budgetClass, Math.min(free, this.#queue.count(budgetClass)));
      this.#askAt[budgetClass] = now + (this.#book.nextFreeMs(now) ?? 0);
    }
  }

  #grant(budgetClass: BudgetClass, count: number): void {
    for (let i = 0; i < count; i++) {
      const id = `${this.#workerId}:${this.#nextId++}`;
      this.#book.grant(id, performance.now());
      const slot = this.#slot(id);
      if (!this.#queue.grant(budgetClass, slot)) slot.settle();
    }
  }

  #slot(id: string): BudgetSlot {
    let open = true;
    return {
      settle: () => {
        if (!open) return;
        open = false;
        const atMs = performance.now();
        this.#book.settle(id, atMs);
        this.#settled.push({ id, atMs });
        this.#wakeIn(0);
      },
    };
  }

  /** Refuses all who wait while a ban is in force. */
  #keepBan(untilMs: number): boolean {
    this.#ban.remember(untilMs);
    if (this.#ban.leftMs() === 0) return false;
    this.#queue.refuseAll(this.#ban.refusal());
    return true;
  }
}
