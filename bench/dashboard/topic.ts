import { SERIES } from '../series/made-up-year.js';
import type { Topic } from '../topic.js';
import { measureBesideBackfill } from './beside-backfill.js';
import { measureViews } from './views.js';

/** How fast the dashboard is, and what it costs the work that it shows. */
export const DASHBOARD: Topic = {
  name: 'dashboard',
  about: `each view of the dashboard with ${SERIES} series, and a backfill that is looked at`,
  async run(context) {
    await measureViews(context);
    context.print('');
    await measureBesideBackfill(context);
  },
};
