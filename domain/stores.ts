import type { Instrument } from './instrument.js';
import type { Series } from './series.js';
import type { SettledPage } from './settle.js';
import type { TimeRange, TimeRanges } from './time-range.js';
import type { Timeframe } from './timeframe.js';

/** Which run asked, so that one candle can be explained later. */
export interface FetchOrigin {
  readonly source: 'rest' | 'ws' | 'repair';
  readonly workflowId: string;
  readonly runId: string;
}

/** What is known of one series within a range asked for. */
export interface SeriesState extends Series {
  /** Settled spans: stored, or listed as a gap. */
  readonly covered: TimeRanges;
  /** Open gaps that are due to be asked again. Part of `covered`. */
  readonly due: TimeRanges;
  /** Open gaps of kind `failed`. Part of `due`. */
  readonly failed: TimeRanges;
}

/** How far back a symbol's life has been probed with daily candles. */
export interface SymbolHistory {
  /** The probe looked back to here, ms; undefined: never probed. */
  readonly probedFromMs: number | undefined;
  /** Open time of the first daily candle; undefined while older ones exist than were probed. */
  readonly firstDayMs: number | undefined;
}

/** What a stored page changed. */
export interface StoredPage {
  /** Closed candles that were not stored as such before. */
  readonly added: number;
}

export interface StorePage {
  readonly series: Series;
  readonly page: SettledPage;
  readonly origin: FetchOrigin;
  /**
   * The window begins on the symbol's first day, so a hole before its first row is the time before
   * the listing and not something to ask for again.
   */
  readonly startsOnFirstDay: boolean;
}

/** Pages that a run has asked for and closed candles that they brought, from table `fetch`. */
export interface RunCounts {
  readonly requests: number;
  readonly candles: number;
}

/** Open gaps of kind `failed`. */
export interface Failures {
  /** In order of name. */
  readonly symbols: readonly string[];
  /** Begin of the earliest, ms. */
  readonly fromMs: number;
}

/** Candles, coverage and gaps. Every method is one transaction. */
export interface CandleStore {
  /** One entry a series, also for those of which nothing is known. */
  seriesStates(
    symbols: readonly string[],
    timeframes: readonly Timeframe[],
    range: TimeRange,
  ): Promise<readonly SeriesState[]>;
  /** Stores rows, coverage, holes and the fetch record of one page together. */
  storePage(input: StorePage): Promise<StoredPage>;
  /** Settles `range` of these series as before their listing. */
  settleBeforeListing(
    series: readonly Series[],
    range: TimeRange,
    origin: FetchOrigin,
  ): Promise<void>;
  /** Settles `ranges` as failed, due at once, with the reason. */
  settleFailed(
    series: Series,
    ranges: TimeRanges,
    origin: FetchOrigin,
    reason: string,
  ): Promise<void>;
  /** What is recorded as failed; undefined when nothing is. */
  failures(): Promise<Failures | undefined>;
  runCounts(workflowId: string, runId: string): Promise<RunCounts>;
}

/** The pairs that the venue lists or has listed. */
export interface SymbolStore {
  /** Takes a complete listing: adds and updates; pairs missing from it become inactive. */
  refresh(instruments: readonly Instrument[]): Promise<void>;
  activeSymbols(): Promise<readonly string[]>;
  history(symbol: string): Promise<SymbolHistory>;
  recordProbe(symbol: string, history: SymbolHistory): Promise<void>;
}

/** Which database this is, and whose candles it holds. */
export interface DatabaseIdentity {
  /** Label of the venue that filled it, see `BYBIT_SOURCE`. */
  readonly source: string;
  /** Random, given once. */
  readonly databaseId: string;
}

/** The venue that filled this database. */
export interface SourceStore {
  /** Claims an empty database for `label`. @returns who holds it */
  claim(label: string): Promise<DatabaseIdentity>;
}

/** The venue's refusal of this IP, kept where neither a crash nor an empty Redis shortens it. */
export interface BanStore {
  /** Local clock, ms; undefined when there is none. */
  notBeforeMs(): Promise<number | undefined>;
  /** A later moment replaces an earlier one, never the other way round. */
  extend(untilMs: number): Promise<void>;
}
