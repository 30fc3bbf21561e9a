import {
  dayWindows,
  mergeTallies,
  tallyOf,
  witnessesOf,
  type Horizon,
  type OldSeries,
  type RetentionStore,
} from '../../domain/retention.js';
import type { RetentionCursor, RetentionOrder, RetentionSlice } from './types.js';

/** Series that are read at once. */
const BATCH = 50;

/** A slice ends with the series during which this time has passed, ms. */
const SLICE_MS = 5_000;

export interface RetentionPassDeps {
  readonly retention: RetentionStore;
  /** Aborts when the activity is cancelled or the worker stops. */
  readonly signal: AbortSignal;
  readonly onProgress: (cursor: RetentionCursor) => void;
}

/** Goes through the series of all rules, from where a cursor stands. */
export class RetentionPass {
  readonly #deps: RetentionPassDeps;
  readonly #order: RetentionOrder;
  #cursor: RetentionCursor;
  /** Steady clock, ms. */
  readonly #endsAtMs = performance.now() + SLICE_MS;

  constructor(deps: RetentionPassDeps, order: RetentionOrder, cursor: RetentionCursor) {
    this.#deps = deps;
    this.#order = order;
    this.#cursor = cursor;
  }

  async run(): Promise<RetentionSlice> {
    const { rules } = this.#order;
    const { after } = this.#cursor;
    const begun = rules.findIndex(({ timeframe }) => timeframe === after?.timeframe);
    for (const [i, rule] of rules.slice(Math.max(0, begun)).entries()) {
      const afterSymbol = i === 0 && begun >= 0 ? (after?.symbol ?? '') : '';
      if (!(await this.#passRule(rule, afterSymbol))) return { ...this.#cursor, done: false };
    }
    return { ...this.#cursor, done: true };
  }

  /** @returns false when the slice is over before the rule is */
  async #passRule(rule: Horizon, afterSymbol: string): Promise<boolean> {
    let after = afterSymbol;
    for (;;) {
      const batch = await this.#deps.retention.oldSeries(rule, after, BATCH);
      for (const series of batch) {
        await this.#passSeries(rule, series);
        after = series.symbol;
        if (performance.now() > this.#endsAtMs) return false;
      }
      if (batch.length < BATCH) return true;
    }
  }

  async #passSeries(rule: Horizon, { symbol, timeframe, covered }: OldSeries): Promise<void> {
    const { retention, signal, onProgress } = this.#deps;
    const { dryRun, rules } = this.#order;
    const series = { symbol, timeframe };
    const witnesses = witnessesOf(rule, rules);
    const days = [];
    for (const window of dayWindows(covered, rule)) {
      signal.throwIfAborted();
      const old = { series, window, horizonMs: rule.horizonMs, witnesses };
      days.push(...(dryRun ? await retention.judge(old) : await retention.remove(old)));
      onProgress(this.#cursor);
    }
    const tallies = mergeTallies(this.#cursor.tallies, [tallyOf(rule, symbol, days)]);
    this.#cursor = { after: series, tallies };
    onProgress(this.#cursor);
  }
}
