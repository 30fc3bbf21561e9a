import { clip } from '../domain/format.js';
import { SIMULATED_SOURCE } from '../domain/source.js';

/** Longest text of others that is shown, characters. */
const MAX_QUOTED = 300;

/** A paragraph of nothing: the Web UI gives a text less height than it has, and hides its last line. */
const BELOW = '\u00a0';

/** The lines of a text for the Web UI, which joins single ones to one paragraph: so each stands apart. */
export function paragraphs(lines: readonly string[]): string {
  return [...lines, BELOW].join('\n\n');
}

/** Says of simulated data what it is. `source` undefined: the run does not know it. */
export function sourceLines(source: string | undefined): string[] {
  return source === SIMULATED_SOURCE ? ['**SIMULATED** candles of the local simulator'] : [];
}

/** Text of others as code: the page would render the HTML of a gateway's answer, and hide what follows. */
export function quoted(text: string): string {
  const line = text.replaceAll('`', "'").replaceAll(/\s+/g, ' ').trim();
  return `\`${clip(line === '' ? 'no reason given' : line, MAX_QUOTED)}\``;
}
