import type { GapRecord } from '../domain/gap.js';
import type { Queryable } from './database.js';
import { readGaps, type GapFilter } from './read-gaps.js';

/** Each page sorts all that fit anew: a few large ones cost less than many small ones. */
const PAGE = 20_000;

/** Every gap that fits, page by page. */
export async function readAllGaps(
  database: Queryable,
  filter: Omit<GapFilter, 'after' | 'limit'>,
): Promise<GapRecord[]> {
  const pages: (readonly GapRecord[])[] = [];
  for (let more = true, after: GapRecord | undefined; more;) {
    const page = await readGaps(database, { ...filter, after, limit: PAGE });
    pages.push(page.gaps);
    after = page.gaps.at(-1);
    more = page.more;
  }
  return pages.flat();
}
