import { WrongUse } from '../../domain/failure.js';

/** The formats of a file with candles; their names are the endings of its name. */
export const EXPORT_FORMATS = ['csv', 'parquet', 'jsonl'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** @throws WrongUse */
export function parseFormat(text: string): ExportFormat {
  const format = EXPORT_FORMATS.find((name) => name === text);
  if (format !== undefined) return format;
  throw new WrongUse(
    `--format ${JSON.stringify(text)} is unknown: use ${EXPORT_FORMATS.join(', ')}`,
  );
}

/** What the ending of a file's name says; undefined: nothing. */
export function formatOfName(file: string): ExportFormat | undefined {
  return EXPORT_FORMATS.find((name) => file.toLowerCase().endsWith(`.${name}`));
}
