/** Symbols out of what somebody typed: between blanks, commas or plus signs, in capitals, each once. */
export function parseSymbols(text: string): readonly string[] {
  const names = text.toUpperCase().split(/[\s,+;]+/);
  return [...new Set(names.filter((name) => name !== ''))];
}
