/** Most characters of a foreign text that a message quotes. */
const EXCERPT_LENGTH = 120;

/** The beginning of a foreign text as one line of printable ASCII. */
export function excerptOf(text: string): string {
  return text
    .slice(0, 4 * EXCERPT_LENGTH)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, EXCERPT_LENGTH);
}
