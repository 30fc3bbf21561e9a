import type { Horizon } from './retention.js';
import { TIMEFRAMES, type Timeframe } from './timeframe.js';

/** What a person asked for, in a form that does not depend on when it runs. */
export interface BackfillRequest {
  readonly pairs:
    | { readonly kind: 'top'; readonly count: number }
    | { readonly kind: 'symbols'; readonly symbols: readonly string[] };
  readonly timeframes: readonly Timeframe[];
  readonly span:
    | { readonly kind: 'days'; readonly days: number }
    /** `toMs` exclusive; undefined: up to now. */
    | { readonly kind: 'range'; readonly fromMs: number; readonly toMs?: number }
    /** From the begin of the earliest failure that is recorded, up to now. */
    | { readonly kind: 'failed' };
  /** Only the series that an earlier run recorded as failed. */
  readonly onlyFailed: boolean;
  /** Plan and report, ask for no candle. */
  readonly dryRun: boolean;
}

/** Limits of a request that a person makes. */
export const MOST_TOP = 10_000;
export const MOST_DAYS = 36_500;

/** What is asked for where a person says nothing. */
export const DEFAULT_DAYS = 90;

/**
 * Later than this after the local clock no venue's clock can be, ms. Whether a moment lies in the
 * market's future is for the plan to judge: a simulator may run at any date.
 */
export const FAR_FUTURE_MS = 10 * 365.25 * 86_400_000;

/** One symbol of a plan. */
export interface PlannedSymbol {
  readonly symbol: string;
  readonly timeframes: readonly Timeframe[];
  /** Most candles and requests that this symbol can need: its listing date may be unknown yet. */
  readonly candles: number;
  readonly requests: number;
}

/** What a run will do, decided once at its start. */
export interface BackfillPlan {
  /** Label of the venue, see `BYBIT_SOURCE`. */
  readonly source: string;
  /** The database that the plan was made from; nothing of the run may go into another one. */
  readonly databaseId: string;
  /** The venue's clock when the plan was made, ms since 1970. */
  readonly venueTimeMs: number;
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** True when `toMs` was "now": a later series may go on to its own now. */
  readonly toNow: boolean;
  /** Symbols with something to do, longest first. */
  readonly symbols: readonly PlannedSymbol[];
  /** Series looked at, those with nothing to do included. */
  readonly series: number;
  /** Requests that planning itself made. */
  readonly requests: number;
  /** Seconds that the requests take at the budget of now, when nothing else runs. */
  readonly seconds: number;
  /** Timeframes of which less is asked than was wanted: older candles are not kept. */
  readonly clipped?: readonly Horizon[];
}

export interface FailedSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly reason: string;
}

/** What one symbol came to. */
export interface SymbolOutcome {
  readonly symbol: string;
  /** Closed candles stored that were not there before. */
  readonly candles: number;
  readonly requests: number;
  readonly failed: readonly FailedSeries[];
}

export interface BackfillResult {
  readonly status: 'done' | 'partial';
  readonly series: number;
  readonly candles: number;
  readonly requests: number;
  readonly seconds: number;
  readonly failed: readonly FailedSeries[];
  /** As in the plan. */
  readonly clipped?: readonly Horizon[];
  /** Present for a dry run. */
  readonly plan?: BackfillPlan;
}

/** Answer of the query `progress`. */
export interface BackfillProgress {
  readonly phase: 'planning' | 'running' | 'paused' | 'draining' | 'finished';
  /** Label of the venue; empty while planning. */
  readonly source: string;
  readonly concurrency: number;
  readonly startedAtMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly series: number;
  readonly symbols: { readonly total: number; readonly done: number };
  /** Over the whole run. */
  readonly plannedCandles: number;
  /** Of the symbols that are done; those under way are counted in table `fetch` by run id. */
  readonly candles: number;
  readonly requests: number;
  readonly running: readonly RunningSymbol[];
  readonly failed: readonly FailedSeries[];
}

export interface RunningSymbol extends PlannedSymbol {
  readonly workflowId: string;
  readonly runId: string;
}

/** The longest symbol list that a workflow id spells out, characters. */
const MAX_SPELLED_SYMBOLS = 100;

/**
 * Id of the run that does `request`. The same request gives the same id, which is how a second
 * start joins the first.
 */
export function backfillWorkflowId(request: BackfillRequest): string {
  const { pairs, span } = request;
  const what = pairs.kind === 'top' ? `top${pairs.count}` : spellSymbols(pairs.symbols);
  const all = request.timeframes.length === TIMEFRAMES.length;
  const timeframes = all
    ? 'all'
    : TIMEFRAMES.filter((timeframe) => request.timeframes.includes(timeframe)).join('+');
  const when = spellSpan(span);
  const suffix = `${request.onlyFailed ? '/only-failed' : ''}${request.dryRun ? '/dry-run' : ''}`;
  return `backfill/bybit/${what}/${timeframes}/${when}${suffix}`;
}

function spellSpan(span: BackfillRequest['span']): string {
  switch (span.kind) {
    case 'days':
      return `${span.days}d`;
    case 'range': {
      const to = span.toMs === undefined ? 'now' : spellMoment(span.toMs);
      return `${spellMoment(span.fromMs)}_${to}`;
    }
    case 'failed':
      return 'failures';
  }
}

function spellSymbols(symbols: readonly string[]): string {
  const sorted = [...new Set(symbols)].sort();
  const spelled = sorted.join('+');
  return spelled.length <= MAX_SPELLED_SYMBOLS
    ? spelled
    : `${sorted.length}symbols-${fingerprint(spelled)}`;
}

/** A date where the moment is midnight UTC, else the moment to the second. */
function spellMoment(timeMs: number): string {
  const iso = new Date(timeMs).toISOString();
  return timeMs % 86_400_000 === 0 ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`;
}

/** FNV-1a, 64 bits: tells lists apart in an id, secures nothing. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    hash ^= BigInt(text.charCodeAt(i));
    hash = BigInt.asUintN(64, hash * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
