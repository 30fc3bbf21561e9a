import type { FollowedSeries, FreshnessStore } from '../domain/freshness.js';
import { TIMEFRAMES, type Timeframe } from '../domain/timeframe.js';
import type { Queryable } from './database.js';
import { msOf } from './encode.js';

/**
 * What was handed over after a disconnect, or failed, is settled without an answer of the venue: it
 * makes no series fresh. What the venue has not proved to lack may be its fault.
 */
const FOLLOWED = `with open as (
    select g.symbol, g.timeframe, range_agg(g.period) as unproved,
      range_agg(g.period) filter (where g.kind <> 'unconfirmed') as unanswered
    from gap g
    where g.closed_at is null and g.kind in ('failed', 'disconnected', 'unconfirmed')
    group by g.symbol, g.timeframe)
  select f.symbol, t.timeframe, ${msOf('f.since')} as since_ms,
    ${msOf(`upper(c.covered - coalesce(o.unanswered, '{}'))`)} as newest_ms,
    ${msOf(`upper(c.covered - coalesce(o.unproved, '{}'))`)} as proved_ms
  from followed f
  join symbols s on s.name = f.symbol and s.is_active
  cross join unnest($1::varchar[]) as t (timeframe)
  left join coverage c on c.symbol = f.symbol and c.timeframe = t.timeframe
  left join open o on o.symbol = f.symbol and o.timeframe = t.timeframe`;

const FROM_STREAM = `select ${msOf('max(newest.to_end)')} as newest_ms
  from followed f, lateral (
    select upper(period) as to_end from "fetch"
    where symbol = f.symbol and timeframe = '5m' and source = 'ws'
    order by upper(period) desc limit 1) as newest`;

interface FollowedColumns {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly since_ms: number;
  readonly newest_ms: number | null;
  readonly proved_ms: number | null;
}

/** How fresh the followed series are, from the tables alone. */
export class SqlFreshnessStore implements FreshnessStore {
  readonly #database: Queryable;

  constructor(database: Queryable) {
    this.#database = database;
  }

  async followedSeries(): Promise<readonly FollowedSeries[]> {
    const { rows } = await this.#database.query<FollowedColumns>(FOLLOWED, [[...TIMEFRAMES]]);
    return rows.map((row) => ({
      symbol: row.symbol,
      timeframe: row.timeframe,
      sinceMs: row.since_ms,
      newestMs: row.newest_ms ?? undefined,
      provedMs: row.proved_ms ?? undefined,
    }));
  }

  async newestFromStreamMs(): Promise<number | undefined> {
    const { rows } = await this.#database.query<{ newest_ms: number | null }>(FROM_STREAM);
    return rows[0]?.newest_ms ?? undefined;
  }
}
