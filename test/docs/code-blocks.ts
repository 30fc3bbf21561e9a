import { readdirSync, readFileSync } from 'node:fs';

/** The documents for users. */
export const DOCUMENTS = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The code blocks of a language in a document. */
export function codeBlocks(document: string, language: string): readonly string[] {
  const text = readFileSync(document, 'utf8');
  const blocks = text.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].filter(([, name]) => name === language).map(([, , block = '']) => block);
}

/** The commands in the shell blocks of a document: no comments, variables, pipes and redirections. */
export function shellCommands(document: string): readonly string[] {
  return codeBlocks(document, 'sh')
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/(^|\s)#.*$/, '').replace(/^([A-Z0-9_]+=\S+ )+/, ''))
    .flatMap((line) =>
      line.split(/\s+(?:&&|[|<>]+)\s+/).slice(0, line.includes('&&') ? undefined : 1),
    )
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
