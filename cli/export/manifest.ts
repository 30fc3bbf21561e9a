import { SIMULATED_SOURCE } from '../../domain/source.js';
import { isoSeconds } from '../render/format.js';
import { candlesIn } from '../render/gap-lines.js';
import type { ExportFormat } from './export-format.js';
import type { ExportJob } from './export-options.js';
import type { SeriesFacts } from './series-facts.js';

/** What a file holds, and what of it is known. */
export interface ExportedSeries extends ExportJob {
  readonly format: ExportFormat;
  readonly facts: SeriesFacts;
  readonly rows: number;
  /** Open time of the first and the last candle, ms; undefined when there is none. */
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  /** Undefined: written to stdout. */
  readonly sha256: string | undefined;
  /** Label of the venue; undefined: the database has none. */
  readonly source: string | undefined;
  /** Local clock, ms. */
  readonly madeAtMs: number;
  readonly version: string;
  readonly seconds: number;
}

/** The JSON of FILE.manifest.json: a contract. */
export function manifestDocument(exported: ExportedSeries): Record<string, unknown> {
  const { series, facts, source, firstMs, lastMs } = exported;
  const { timeframe } = series;
  return {
    file: exported.file ?? null,
    format: exported.format,
    ...series,
    from: isoSeconds(facts.range.fromMs),
    to: isoSeconds(facts.range.toMs),
    rows: exported.rows,
    first: firstMs === undefined ? null : isoSeconds(firstMs),
    last: lastMs === undefined ? null : isoSeconds(lastMs),
    complete: exported.facts.complete,
    gaps: facts.absent.map(({ period, reason }) => ({
      from: isoSeconds(period.fromMs),
      to: isoSeconds(period.toMs),
      candles: candlesIn({ period, timeframe }),
      kind: reason,
    })),
    source: source ?? null,
    simulated: source === SIMULATED_SOURCE,
    sha256: exported.sha256 ?? null,
    made_at: isoSeconds(exported.madeAtMs),
    m1_version: exported.version,
  };
}
