import { Hono } from 'hono';
import { z } from 'zod';
import { requestCancel, updateRun } from '../../steering/steer-run.js';
import type { RunAction, RunActionAnswer } from '../api.js';
import type { Connections } from '../connections.js';
import { Refused } from '../faults.js';
import { bodyOf } from '../query-of.js';
import { describe } from '../runs/read-runs.js';
import type { RunsReading } from '../runs/runs-reading.js';

/** The longest id that Temporal takes, characters. */
const MOST_ID = 1_000;

const ACTIONS: readonly RunAction[] = ['pause', 'resume', 'cancel'];

/** GET /api/runs, POST /api/runs/ID/pause, /resume and /cancel */
export function runsRoute(connections: Connections, runs: RunsReading): Hono {
  const route = new Hono();
  route
    .get('/', async (context) => context.json(await runs.get()))
    .post('/:id/:action', async (context) => {
      const { id, action: asked } = context.req.param();
      await bodyOf(context, z.strictObject({}));
      const action = ACTIONS.find((known) => known === asked);
      if (action === undefined) throw new Refused(404, 'a run takes pause, resume and cancel');
      await steer(connections, id, action);
      runs.changed(id);
      const answer: RunActionAnswer = {};
      return context.json(answer, 202);
    });
  return route;
}

async function steer(connections: Connections, id: string, action: RunAction): Promise<void> {
  const temporal = await connections.temporal();
  const run = id.length > MOST_ID ? undefined : await describe(temporal, id);
  if (run === undefined) throw new Refused(404, 'there is no such run');
  // the server accepts the cancellation of a run that has ended, and does nothing
  if (run.closedAtMs !== undefined) throw new Refused(409, `${id} has ended already`);
  await (action === 'cancel' ? requestCancel(temporal, id) : updateRun(temporal, id, action));
}
