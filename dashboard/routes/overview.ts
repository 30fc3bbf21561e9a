import { Hono } from 'hono';
import { OUTSIDE_LIFE } from '../../domain/gap.js';
import { SIMULATED_SOURCE } from '../../domain/source.js';
import { SqlBanStore } from '../../storage/ban-store.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { readGapTotals, readStoredTotals } from '../../storage/totals.js';
import type { Overview } from '../api.js';
import type { Connections } from '../connections.js';
import { SharedReading } from '../shared-reading.js';

/** GET /api/overview */
export function overviewRoute({ database, config }: Connections): Hono {
  const totals = new SharedReading(async () => {
    const [source, stored, kinds, bannedUntilMs] = await Promise.all([
      new SqlSourceStore(database).label(),
      readStoredTotals(database),
      readGapTotals(database),
      new SqlBanStore(database).notBeforeMs(),
    ]);
    const gaps = kinds
      .filter(({ kind }) => !OUTSIDE_LIFE.includes(kind))
      .reduce((sum, kind) => sum + kind.gaps, 0);
    return { source: source ?? '', bannedUntilMs, totals: { ...stored, gaps } };
  });
  const route = new Hono();
  route.get('/', async (context) => {
    const known = await totals.get();
    const answer: Overview = {
      ...known,
      // an empty database tells by whom it will be filled
      simulated: (known.source || config.venue.source) === SIMULATED_SOURCE,
      webUi: config.temporal.uiUrl,
      nowMs: Date.now(),
    };
    return context.json(answer);
  });
  return route;
}
