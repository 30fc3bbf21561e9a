import { readdirSync, readFileSync } from 'node:fs';

/** The documents for users. */
export const DOCUMENTS = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The code blocks of a language in a document; `sql duckdb` is a language of its own. */
export function codeBlocks(document: string, language: string): readonly string[] {
  const text = readFileSync(document, 'utf8');
  const blocks = text.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].filter(([, name]) => name === language).map(([, , block = '']) => block);
}

/** The commands in the shell blocks of a document. */
export function shellCommands(document: string): readonly string[] {
  return codeBlocks(document, 'sh')
    .flatMap((block) => block.split('\n'))
    .flatMap(commandsOfLine);
}

/** The commands in a line of a shell: no comments, variables, redirections, nor what a pipe leads to. */
export function commandsOfLine(line: string): readonly string[] {
  return line
    .replace(/(^|\s)#.*$/, '')
    .replace(/^([A-Z0-9_]+=\S+ )+/, '')
    .split(/\s+(?:&&|[|<>]+)\s+/)
    .slice(0, line.includes('&&') ? undefined : 1)
    .map((command) => command.trim())
    .filter((command) => command !== '');
}
