import type { Queryable } from '../../storage/database.js';
import { SqlStoredStretches } from '../../storage/verify/stored-stretches.js';
import { say, type CommandIo } from '../io.js';
import { notStoredText } from '../not-stored.js';

/** Names on stderr the pairs of which nothing is stored: a mistyped one has no gaps either. */
export async function tellNotStored(
  database: Queryable,
  symbols: readonly string[],
  io: CommandIo,
): Promise<void> {
  if (symbols.length === 0) return;
  const stored = await new SqlStoredStretches(database).series({});
  for (const symbol of new Set(symbols)) {
    const text = notStoredText(symbol, stored);
    if (text !== undefined) say(io, `m1: ${text}`);
  }
}
