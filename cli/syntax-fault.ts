/** Errors of the parser, whose messages span several lines. */
const SYNTAX_ERRORS = new Set(['UnknownSyntaxError', 'AmbiguousSyntaxError']);

/**
 * What is wrong with a command line, in one line; undefined for an error of another kind.
 *
 * @param known the words of each command
 */
export function syntaxFault(
  error: unknown,
  argv: readonly string[],
  known: readonly (readonly string[])[],
): string | undefined {
  if (!(error instanceof Error) || !SYNTAX_ERRORS.has(error.name)) return undefined;
  const words = argv.filter((word) => !word.startsWith('-'));
  // `stream stop` is meant by its words, not `stream`
  const [command] = known
    .filter((path) => path.every((word, i) => words[i] === word))
    .sort((a, b) => b.length - a.length);
  if (command === undefined) return unknownCommand(words, known);
  const [reason = ''] = error.message.split('\n', 1);
  const fault = reason.startsWith('Command not found')
    ? 'wrong arguments'
    : reason.charAt(0).toLowerCase() + reason.slice(1).replace(/\.$/, '');
  return `${fault}, see m1 ${command.join(' ')} --help`;
}

function unknownCommand(words: readonly string[], known: readonly (readonly string[])[]): string {
  const [first, second] = words;
  if (first === undefined) return 'name a command, see m1 --help';
  const group = known.filter((path) => path[0] === first).map((path) => path[1]);
  if (group.length === 0) return `unknown command ${JSON.stringify(first)}, see m1 --help`;
  const fault =
    second === undefined
      ? `name what to do`
      : `unknown command ${JSON.stringify(`${first} ${second}`)}`;
  return `${fault}: m1 ${first} ${group.join('|')}`;
}
