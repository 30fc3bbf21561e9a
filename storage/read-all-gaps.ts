import type { GapRecord } from '../domain/gap.js';
import type { Queryable } from './database.js';
import { readGaps, type GapFilter } from './read-gaps.js';

/** Every gap that fits, page by page. */
export async function readAllGaps(
  database: Queryable,
  filter: Omit<GapFilter, 'after' | 'limit'>,
): Promise<GapRecord[]> {
  const all: GapRecord[] = [];
  let page = await readGaps(database, filter);
  all.push(...page.gaps);
  while (page.more) {
    page = await readGaps(database, { ...filter, after: all.at(-1) });
    all.push(...page.gaps);
  }
  return all;
}
