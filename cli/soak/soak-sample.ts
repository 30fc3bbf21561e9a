import type { StreamFigures } from '../../domain/stream.js';
import { timeframeMs } from '../../domain/timeframe.js';
import type { SeriesTally } from '../../storage/series-tally.js';
import type { StreamStanding } from '../../steering/stream-standing.js';

/** What was seen of a stream at a moment of a soak. */
export interface SoakSample {
  /** Since the soak began, ms of real time. */
  readonly atMs: number;
  readonly standing: StreamStanding;
  /** Whether a worker has the stream and told so lately. */
  readonly beating: boolean;
  /** For how long Redis has been up, s; undefined: it did not answer. */
  readonly redisUpSeconds: number | undefined;
  /** What the database said; undefined: it did not answer. */
  readonly candles: SampledCandles | undefined;
}

export interface SampledCandles {
  /** End of the newest closed candle of all series, ms by the venue's clock; undefined: none yet. */
  readonly newestMs: number | undefined;
  /** Closed since the soak began, and neither stored nor explained so far. */
  readonly missing: number;
}

/** All that a soak has seen. */
export interface SoakRecord {
  /** Local clock, ms. */
  readonly startedAtMs: number;
  /** How long it was to be, and how long it was, ms. */
  readonly wantedMs: number;
  readonly ranMs: number;
  readonly samples: readonly SoakSample[];
  /** What became of the candles that closed during the soak; undefined: the database was away. */
  readonly series: readonly SeriesTally[] | undefined;
  /** Why the stream ended before the soak did; undefined: it did not. */
  readonly endedBy: string | undefined;
}

/** The newest closed candle of five minutes, by open time as everywhere else. */
export function newestCandleMs(candles: SampledCandles | undefined): number | undefined {
  return candles?.newestMs === undefined ? undefined : candles.newestMs - timeframeMs('5m');
}

export function figuresOf({ standing }: SoakSample): StreamFigures | undefined {
  return standing.activity?.figures;
}
