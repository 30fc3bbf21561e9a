import type { CoverageSpan } from '../storage/coverage-spans.js';
import { DAY_STATES, type CoverageRow } from './api.js';

const DAY_MS = 86_400_000;

const COMPLETE = DAY_STATES.indexOf('complete');
const OUTSIDE = DAY_STATES.indexOf('outside');

/** How a span changes the time that is stored of a day, and the time that there is to store. */
interface Effect {
  readonly stored: 1 | 0 | -1;
  readonly wanted: 1 | 0 | -1;
  /** Index into `DAY_STATES`. */
  readonly state: number;
}

/** The days of each symbol, filled span by span. */
class Days {
  readonly #fromMs: number;
  readonly #storedMs: Float64Array;
  readonly #wantedMs: Float64Array;
  readonly #worst: Uint8Array;

  constructor(fromMs: number, days: number) {
    this.#fromMs = fromMs;
    this.#storedMs = new Float64Array(days);
    this.#wantedMs = new Float64Array(days);
    this.#worst = new Uint8Array(days).fill(COMPLETE);
  }

  add({ what, fromMs, toMs }: CoverageSpan): void {
    const effect = effectOf(what);
    const first = Math.floor((fromMs - this.#fromMs) / DAY_MS);
    const end = Math.min(this.#worst.length, Math.ceil((toMs - this.#fromMs) / DAY_MS));
    for (let day = Math.max(0, first); day < end; day++) {
      const beginMs = this.#fromMs + day * DAY_MS;
      const ms = Math.min(toMs, beginMs + DAY_MS) - Math.max(fromMs, beginMs);
      this.#storedMs[day] = (this.#storedMs[day] ?? 0) + effect.stored * ms;
      this.#wantedMs[day] = (this.#wantedMs[day] ?? 0) + effect.wanted * ms;
      this.#worst[day] = Math.min(this.#worst[day] ?? COMPLETE, effect.state);
    }
  }

  row(symbol: string): CoverageRow {
    const states = [...this.#worst].map((worst, day) => (this.#isWanted(day) ? worst : OUTSIDE));
    return { symbol, states: states.join(''), stored: states.map((_, day) => this.#percent(day)) };
  }

  #isWanted(day: number): boolean {
    return (this.#wantedMs[day] ?? 0) > 0;
  }

  /** Rounded down, so that only what is whole is 100. */
  #percent(day: number): number {
    if (!this.#isWanted(day)) return 0;
    return Math.floor(((this.#storedMs[day] ?? 0) / (this.#wantedMs[day] ?? 1)) * 10_000) / 100;
  }
}

/** A gap lies within what is covered, so it takes away what that has added. */
function effectOf(what: CoverageSpan['what']): Effect {
  switch (what) {
    case 'covered':
      return { stored: 1, wanted: 1, state: COMPLETE };
    case 'missing':
      return { stored: 0, wanted: 1, state: DAY_STATES.indexOf(what) };
    case 'before_listing':
    case 'after_delisting':
      return { stored: -1, wanted: -1, state: COMPLETE };
    default:
      return { stored: -1, wanted: 0, state: DAY_STATES.indexOf(what) };
  }
}

/**
 * The days of each symbol out of its spans.
 *
 * @param fromMs midnight of the first day
 */
export function coverageRows(
  symbols: readonly string[],
  spans: readonly CoverageSpan[],
  { fromMs, days }: { readonly fromMs: number; readonly days: number },
): CoverageRow[] {
  const bySymbol = new Map(symbols.map((symbol) => [symbol, new Days(fromMs, days)]));
  for (const span of spans) bySymbol.get(span.symbol)?.add(span);
  return [...bySymbol].map(([symbol, found]) => found.row(symbol));
}
