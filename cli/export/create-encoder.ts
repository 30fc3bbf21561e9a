import type { CandleEncoder, WriteBytes } from './candle-encoder.js';
import type { ExportFormat } from './export-format.js';
import { csvEncoder, jsonLinesEncoder } from './text-encoders.js';

/** The encoder of a format. Parquet's is loaded only where it is used. */
export async function createEncoder(
  format: ExportFormat,
  write: WriteBytes,
): Promise<CandleEncoder> {
  switch (format) {
    case 'csv':
      return csvEncoder(write);
    case 'jsonl':
      return jsonLinesEncoder(write);
    case 'parquet': {
      const { ParquetEncoder } = await import('./parquet-encoder.js');
      return new ParquetEncoder(write);
    }
  }
}
