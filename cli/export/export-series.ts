import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Series } from '../../domain/series.js';
import type { Queryable } from '../../storage/database.js';
import { readCandles } from '../../storage/read-candles.js';
import { orAborted } from '../../runtime/or-aborted.js';
import type { WriteBytes } from './candle-encoder.js';
import { createEncoder } from './create-encoder.js';
import type { ExportFormat } from './export-format.js';
import type { SeriesFacts } from './series-facts.js';
import { manifestDocument, type ExportedSeries } from './manifest.js';
import { manifestName, refuseExisting, TargetFile, writeWhole } from './target-file.js';

export interface WriteSeriesOptions {
  readonly snapshot: Queryable;
  readonly series: Series;
  readonly facts: SeriesFacts;
  readonly format: ExportFormat;
  /** Told the rows that are written so far. */
  readonly onRows: (rows: number) => void;
  /** Ends it, also while a batch is waited for. */
  readonly signal: AbortSignal;
}

export type WrittenRows = Pick<ExportedSeries, 'rows' | 'firstMs' | 'lastMs'>;

/** Writes the candles of a series. @throws the reason of `signal` when it ended early */
export async function writeSeries(
  { snapshot, series, facts, format, onRows, signal }: WriteSeriesOptions,
  write: WriteBytes,
): Promise<WrittenRows> {
  const encoder = await createEncoder(format, write);
  let rows = 0;
  let firstMs: number | undefined;
  let lastMs: number | undefined;
  const batches = readCandles(snapshot, series, facts.grid);
  for (;;) {
    // a database that went silent must not keep who ends this
    const batch = await orAborted(batches.next(), signal);
    signal.throwIfAborted();
    if (batch === undefined || batch.done === true) break;
    const candles = batch.value;
    await encoder.write(candles);
    rows += candles.length;
    firstMs ??= candles[0]?.timeMs;
    lastMs = candles.at(-1)?.timeMs;
    onRows(rows);
  }
  await encoder.finish();
  signal.throwIfAborted();
  return { rows, firstMs, lastMs };
}

/**
 * Fills a file and gives it its name; nothing is left of it when `fill` fails.
 *
 * @param force whether a file that is there by then gives way
 * @returns what `fill` did, and the SHA-256 of the file
 * @throws WrongUse when one is there that must not
 */
export async function intoFile<T>(
  file: string,
  force: boolean,
  fill: (write: WriteBytes) => Promise<T>,
): Promise<{ readonly filled: T; readonly sha256: string }> {
  const target = await TargetFile.begin(file);
  try {
    const filled = await fill((bytes) => target.write(bytes));
    // another may have come meanwhile
    await refuseExisting(file, force);
    // one that is replaced describes another file
    await rm(manifestName(file), { force: true });
    return { filled, sha256: await target.publish() };
  } catch (error) {
    await target.discard();
    throw error;
  }
}

/** Writes the manifest beside the file, last: a file without one is not to be relied on. */
export async function writeManifest(file: string, exported: ExportedSeries): Promise<void> {
  const document = { ...manifestDocument(exported), file: path.basename(file) };
  await writeWhole(manifestName(file), `${JSON.stringify(document, null, 2)}\n`);
}
