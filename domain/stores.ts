import type { Candles } from './candles.js';
import type { Gap } from './gap.js';
import type { Instrument } from './instrument.js';
import type { LiveCandle } from './live-candle.js';
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
  /** Nothing before it is kept, see `domain/retention.ts`, ms; undefined: all is. */
  readonly horizonMs?: number;
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
  /**
   * Settles what follows the last stored candle of these series, up to `untilMs`, as after their
   * delisting. A series without a candle is left alone.
   */
  settleAfterDelisting(
    series: readonly Series[],
    untilMs: number,
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

/** What storing closed candles of the stream changed. */
export interface StoredLive {
  /** Candles that were not stored before. */
  readonly added: readonly LiveCandle[];
  /** Candles that were stored with other values and have been replaced. */
  readonly revised: number;
  /** Gaps of kind `disconnected` that came to light between what was settled and a candle. */
  readonly gaps: number;
}

/** A page that reads candles again which may be stored already. */
export interface RereadPage {
  readonly series: Series;
  readonly page: SettledPage;
  readonly origin: FetchOrigin;
  /** Rows that an answer at least 30 s older had as well, though the stored ones differ. */
  readonly confirmed: Candles | undefined;
}

export interface StoredReread {
  /** Open times of candles that were not stored before, ms. */
  readonly addedMs: readonly number[];
  readonly revised: number;
  /**
   * Rows that differ from what is stored and have less volume: an answer that lags. Kept out; they
   * count once a second answer says the same.
   */
  readonly doubted: Candles;
}

/** What the live stream stores. Every method is one transaction under the invariant of coverage. */
export interface LiveCandleStore {
  /**
   * Stores candles that the stream has declared closed, of any number of series, at most one a
   * series and open time. A stored closed candle is replaced only by one with at least its volume.
   * What lies unsettled between the last settled candle of a series and the new one becomes a gap of
   * kind `disconnected`, due at once.
   */
  storeClosed(candles: readonly LiveCandle[], origin: FetchOrigin): Promise<StoredLive>;
  /**
   * Hands over what a disconnect may have hidden: from the last settled candle of each series to
   * `untilMs`, as gaps of kind `disconnected`, due at once. A series of which nothing is settled
   * hands over nothing; what is settled already is left alone, so a repetition changes nothing.
   *
   * @returns gaps that are new
   */
  handOver(
    series: readonly (Series & { readonly untilMs: number })[],
    origin: FetchOrigin,
  ): Promise<number>;
  /**
   * Stores a page that reads again what the stream has stored. A row replaces a stored closed candle
   * only with at least its volume, or when `confirmed` has the same row.
   */
  storeReread(page: RereadPage): Promise<StoredReread>;
}

/** The open gaps as a queue of work. */
export interface GapQueue {
  /**
   * Open gaps that are due, oldest due first, at most `limit`. What failed in a run a moment ago is
   * left in peace for the first wait of `GAP_REASK`.
   */
  due(limit: number): Promise<readonly Gap[]>;
  /** When the first of the open gaps is due, ms by the local clock; undefined: none ever will be. */
  nextDueMs(): Promise<number | undefined>;
  /** Open gaps that are due or will be. */
  waiting(): Promise<number>;
  /** Puts off gaps that could not be asked for: due again at `untilMs`. */
  putOff(series: Series, period: TimeRange, untilMs: number): Promise<void>;
  /**
   * The venue no longer serves the symbol: what is missing after the last candle of each of its
   * series lies after the delisting, and nothing of it is asked for again.
   *
   * @returns gaps that were still to be asked for
   */
  seal(symbol: string, reason: string): Promise<number>;
  /**
   * Types what is proved to be missing as an outage of the venue where nearly every series of the
   * timeframe lacks the same span.
   *
   * @returns gaps typed now
   */
  typeOutages(): Promise<number>;
}

/** What a comparison of the stored rows with coverage has found. */
export interface ScanResult {
  /** Series that were compared. */
  readonly series: number;
  /** Those of them that lacked rows, or whose count was wrong. */
  readonly drifted: number;
  /** Candles that coverage claimed and the table lacked; they are gaps now, due at once. */
  readonly candles: number;
}

/** Compares the stored rows with coverage: rows that were deleted by hand become gaps. */
export interface RowScan {
  /** Whether rows may have been deleted since the last one, an hour ago, or it is a day old. */
  isDue(): Promise<boolean>;
  /**
   * Compares the stored rows of all series with coverage: what was deleted by hand becomes gaps that are
   * due at once.
   *
   * @param signal ends the scan between two series
   * @param afterPart is waited for between the parts of the scan, each of a few series
   */
  scan(
    origin: FetchOrigin,
    options: { readonly signal?: AbortSignal; readonly afterPart?: () => Promise<void> },
  ): Promise<ScanResult>;
}

/** The pairs that the venue lists or has listed. */
export interface SymbolStore {
  /** Takes a complete listing: adds and updates; pairs missing from it become inactive. */
  refresh(instruments: readonly Instrument[]): Promise<void>;
  activeSymbols(): Promise<readonly string[]>;
  /** Pairs that are listed or were once. */
  everListed(): Promise<readonly string[]>;
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
