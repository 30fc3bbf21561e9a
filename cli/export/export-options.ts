import { WrongUse } from '../../domain/failure.js';
import type { Series } from '../../domain/series.js';
import { parseRange, parseSeriesChoice, type SeriesOptions } from '../gaps/gap-options.js';
import { requireTimeMs } from '../parse-time.js';
import { formatOfName, parseFormat, type ExportFormat } from './export-format.js';

/** The options of `m1 export` as they were typed. */
export interface ExportOptions extends SeriesOptions {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly format: string | undefined;
  readonly output: string | undefined;
  readonly json: boolean;
}

/** Either end, ms; undefined: as far as there is something. */
export interface WantedRange {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

/** A file to be made. */
export interface ExportJob {
  readonly series: Series;
  /** Undefined: stdout. */
  readonly file: string | undefined;
}

export interface ExportRequest {
  readonly jobs: readonly ExportJob[];
  readonly wanted: WantedRange;
  readonly format: ExportFormat;
}

const STDOUT = '-';

/** @throws WrongUse for options that are wrong or contradict each other */
export function parseExport(options: ExportOptions): ExportRequest {
  const { output, json } = options;
  const series = parseSeries(options);
  const format = chooseFormat(options);
  if (output !== undefined && series.length > 1) {
    throw new WrongUse(
      `--output names one file and ${series.length} series are asked for: leave it out, and each gets its own`,
    );
  }
  if (output === '') throw new WrongUse('--output "" names no file');
  if (output === STDOUT && format === 'parquet') {
    throw new WrongUse('--output - takes csv and jsonl only: Parquet is read from a file');
  }
  if (output === STDOUT && json) {
    throw new WrongUse('--json excludes --output -: both would write to stdout');
  }
  const fileOf = ({ symbol, timeframe }: Series): string | undefined =>
    output === STDOUT ? undefined : (output ?? `${symbol}-${timeframe}.${format}`);
  return {
    jobs: series.map((one) => ({ series: one, file: fileOf(one) })),
    wanted: parseWanted(options),
    format,
  };
}

/** The ending of the file decides, and nobody may contradict it. */
function chooseFormat({ format, output }: ExportOptions): ExportFormat {
  const named = formatOfName(output ?? '');
  const asked = format === undefined ? undefined : parseFormat(format);
  if (named === undefined || asked === undefined || named === asked) return named ?? asked ?? 'csv';
  throw new WrongUse(
    `--format ${asked} contradicts --output ${output}: leave --format out, or name it .${asked}`,
  );
}

function parseSeries(options: SeriesOptions): readonly Series[] {
  const { symbols, timeframes } = parseSeriesChoice(options);
  if (symbols === undefined) throw new WrongUse('--symbol is missing: name the pairs to export');
  if (timeframes === undefined) {
    throw new WrongUse('--timeframe is missing: name what to export, such as 5m');
  }
  return symbols.flatMap((symbol) => timeframes.map((timeframe) => ({ symbol, timeframe })));
}

function parseWanted({ from, to }: Pick<ExportOptions, 'from' | 'to'>): WantedRange {
  if (from !== undefined && to !== undefined) return parseRange({ from, to }, Infinity);
  return {
    fromMs: from === undefined ? undefined : requireTimeMs('--from', from),
    toMs: to === undefined ? undefined : requireTimeMs('--to', to),
  };
}
