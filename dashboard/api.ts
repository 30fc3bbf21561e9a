import type { GapKind } from '../domain/gap.js';
import type { ListedRun as KnownRun } from '../domain/listed-run.js';
import type { Timeframe } from '../domain/timeframe.js';

/*
 * What the server and the page say to each other. Times are ms since 1970, UTC. An answer other than
 * 2xx is a `Fault`.
 */

export interface Fault {
  /** The cause and the next step, one line. */
  readonly error: string;
}

/** GET /api/overview */
export interface Overview {
  /** Label of the venue; empty while the database is empty. */
  readonly source: string;
  readonly simulated: boolean;
  /** Where the Web UI of Temporal is; undefined when nobody knows. */
  readonly webUi: string | undefined;
  readonly nowMs: number;
  /** The venue refuses this address, and nothing is asked before; undefined: no ban is known. */
  readonly bannedUntilMs: number | undefined;
  readonly totals: { readonly series: number; readonly candles: number; readonly gaps: number };
}

/** What is the matter with a day of a series, the worst first. */
export const DAY_STATES = [
  'failed',
  'disconnected',
  'unconfirmed',
  'missing',
  'venue_outage',
  'no_trades',
  'complete',
  'outside',
] as const;

/**
 * GET /api/coverage?timeframe=5m&days=90: one row a symbol, one cell a UTC day.
 * `missing`: some of it was never asked for. `outside`: before the listing, after the delisting, or removed
 * by retention.
 */
export interface CoverageGrid {
  readonly timeframe: Timeframe;
  /** Midnight of the first day; the last day is today by the newest candle. */
  readonly fromMs: number;
  readonly days: number;
  readonly rows: readonly CoverageRow[];
}

export interface CoverageRow {
  readonly symbol: string;
  /** A code a day: index into `DAY_STATES`, as one character each ('0' to '7'). */
  readonly states: string;
  /** Share of the candles of the day that are recorded as stored, percent, a number a day. */
  readonly stored: readonly number[];
}

/** The longest range whose rows are counted, ms. */
export const MOST_COUNTED_MS = 31 * 86_400_000;

/** GET /api/stored?symbol=&timeframe=&from=&to=: counted over the rows, at most `MOST_COUNTED_MS`. */
export interface StoredCount {
  /** Candles that lie within the range and have closed. */
  readonly candles: number;
  readonly stored: number;
  /** Recorded as stored, but their rows are gone. */
  readonly lost: number;
}

/** GET /api/gaps?symbol=&timeframe=&from=&to= (all optional but from and to together) */
export interface GapList {
  readonly gaps: readonly ListedGap[];
  /** Whether there are more than were sent. */
  readonly more: boolean;
}

export interface ListedGap {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly candles: number;
  readonly kind: GapKind;
  readonly reason: string | undefined;
  readonly asked: number;
  readonly foundAtMs: number;
  readonly lastAskedMs: number | undefined;
  readonly nextAskMs: number | undefined;
  /** Runs that found it or were answered without its candles. */
  readonly runs: readonly RunLink[];
}

export interface RunLink {
  readonly workflowId: string;
  readonly runId: string | undefined;
  /** In Temporal's Web UI. */
  readonly url: string | undefined;
}

/** GET /api/candles?symbol=BTCUSDT&timeframe=1h[&to=MS][&limit=500]: the newest `limit` before `to`. */
export interface CandleSlice {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /**
   * `[openTimeMs, open, high, low, close, volume]`, oldest first. The last one may still be open: its
   * volume is null, because nobody knows it.
   */
  readonly candles: readonly (readonly [number, number, number, number, number, number | null])[];
  readonly gaps: readonly ListedGap[];
  /** Whether the newest candle is still open. */
  readonly lastIsOpen: boolean;
}

/** GET /api/series: what the choice of a chart offers. */
export interface SeriesList {
  readonly series: readonly ListedSeries[];
}

export interface ListedSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly candles: number;
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  readonly gaps: number;
  /** 0 to 1. */
  readonly completeness: number | undefined;
}

/**
 * GET /api/tickers/live: server-sent events, each `TickerUpdate[]`: first all, then those that changed, at
 * most four times a second. An empty list is sent every 5 s, so that silence is a fault.
 */
export interface TickerUpdate {
  readonly symbol: string;
  /** The venue's decimals. */
  readonly lastPrice: string;
  readonly price24hPct: string;
  readonly high24h: string;
  readonly low24h: string;
  readonly volume24h: string;
  readonly turnover24h: string;
  /** When it was received. */
  readonly updatedAtMs: number;
  /** True once it has expired in Redis: it is gone with the next update. */
  readonly gone?: boolean;
}

/**
 * GET /api/candles/live?symbol=&timeframe=: server-sent events, each the newest candle as in a slice. One
 * that is under way is made of what was stored of it and the live price since somebody watches, until the
 * venue's own candle takes its place. A comment is sent when there was nothing else for 5 s, so that
 * silence is a fault.
 */
export interface LiveCandleUpdate {
  readonly candle: CandleSlice['candles'][number];
  readonly closed: boolean;
  /** Of one that is under way. */
  readonly madeOf?: UnfinishedParts;
  /** True when there were prices in it and no more come: the ticker is gone. */
  readonly pricesEnded?: boolean;
}

/** What a candle that is under way is made of. */
export interface UnfinishedParts {
  /** Whether an earlier reading of the venue is in it. */
  readonly read: boolean;
  /** No price was missed from then on, its open time at the earliest; undefined: no price is in it. */
  readonly pricesSinceMs: number | undefined;
}

/** GET /api/runs: newest first, what runs before what has ended. */
export interface RunList {
  readonly runs: readonly ListedRun[];
}

export interface ListedRun extends KnownRun, Pick<RunLink, 'url'> {
  /** What it does and has done, one line, as the Web UI says it. */
  readonly details: string | undefined;
  /** Of a running backfill. */
  readonly progress: RunProgress | undefined;
  /** Which requests it takes now. */
  readonly actions: readonly RunAction[];
}

export type RunAction = 'pause' | 'resume' | 'cancel';

export interface RunProgress {
  /** How much of it is done, 0 to 1. */
  readonly share: number;
  readonly symbolsDone: number;
  readonly symbolsTotal: number;
  readonly candles: number;
  readonly plannedCandles: number;
  readonly requests: number;
  readonly failed: readonly {
    readonly symbol: string;
    readonly timeframe: string;
    readonly reason: string;
  }[];
  /** Activities whose last attempt failed; `attempt` counts those that did. */
  readonly retrying: readonly {
    readonly symbol: string;
    readonly attempt: number;
    readonly error: string;
  }[];
}

/** GET /api/health */
export interface Health {
  readonly servers: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly says: string;
  }[];
  /** Workers that poll now. */
  readonly workers: number;
  readonly stream:
    | {
        readonly state: string;
        readonly symbols: number;
        /** From the venue's clock to the ticker written, the median of the last minute. */
        readonly lagMs: number | undefined;
        readonly reconnects: number;
        readonly gaps: number;
      }
    | undefined;
  readonly budget: {
    /** Requests under way or answered in the last 5 s; undefined without Redis. */
    readonly used: number | undefined;
    readonly limit: number;
    /** Nothing is asked before; undefined: no ban is known. */
    readonly bannedUntilMs: number | undefined;
  };
  /** How far the newest stored candle of the slowest followed series is behind, per timeframe. */
  readonly lag: readonly {
    readonly timeframe: Timeframe;
    readonly behindMs: number;
    readonly series: number;
  }[];
  readonly openGaps: readonly {
    readonly kind: GapKind;
    readonly gaps: number;
    readonly candles: number;
  }[];
  /** Candles before a listing or after a delisting: they are no gaps of the data. */
  readonly outsideCandles: number;
}

/** POST /api/backfills, answered with `StartedRun` (202). Exactly one of symbols and top. */
export interface BackfillBody {
  readonly symbols?: readonly string[];
  readonly top?: number;
  readonly timeframes?: readonly Timeframe[];
  readonly days?: number;
  readonly from?: string;
  readonly to?: string;
}

export interface StartedRun extends RunLink {
  /** True when the same run was there already. */
  readonly joined: boolean;
}

/** POST /api/repairs: with `preview` only says what it would take (200), else makes the gaps due (202 and `{}`). */
export interface RepairBody {
  readonly ranges: readonly {
    readonly symbol: string;
    readonly timeframe: Timeframe;
    readonly fromMs: number;
    readonly toMs: number;
  }[];
  readonly preview?: boolean;
}

export interface RepairPreview {
  readonly gaps: number;
  readonly candles: number;
  readonly requests: number;
  /** At the request budget of now. */
  readonly seconds: number;
}

/** POST /api/runs/ID/pause, /resume, /cancel (ID percent-encoded): 202 and `{}`. */
export type RunActionAnswer = Record<string, never>;
