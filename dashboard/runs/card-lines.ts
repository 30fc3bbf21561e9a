/** What begins a hint for whoever reads the details elsewhere: the page shows that itself. */
const HINTS = [
  'Rate and time left',
  'To go on',
  'Failing attempts',
  'Messages, lag, reconnects and the last error',
  'Attempts, pages and the last error',
  'What is missing and why',
];

/** A hint stands at the end of its line. */
const HINT = new RegExp(`(?:^|\\. )(?:${HINTS.join('|')}): .*$`);

/** The details of a run without where else to look: the Web UI of Temporal, other commands. */
export function cardLines(details: readonly string[]): readonly string[] {
  return details
    .map((line) => (line.startsWith('Failed: ') ? line : line.replace(HINT, '')))
    .filter((line) => line !== '');
}
