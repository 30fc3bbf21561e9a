import type { Palette } from './progress-lines.js';

const keep = (text: string): string => text;

/** No colours at all. */
export const PLAIN: Palette = { bold: keep, dim: keep, green: keep, red: keep, yellow: keep };

/** A stream that may be a terminal. */
export interface MaybeTerminal {
  readonly isTTY?: boolean;
}

/** Colours for a terminal, unless `NO_COLOR` is set. */
export async function paletteFor(
  stream: MaybeTerminal,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Palette> {
  const off = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  if (off || stream.isTTY !== true) return PLAIN;
  const { createColors } = (await import('picocolors')).default;
  return createColors(true);
}
