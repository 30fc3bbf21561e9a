import { Hono } from 'hono';
import type { TickerUpdate } from '../api.js';
import { eventStream } from '../event-stream.js';
import type { LiveBoard } from '../live-board.js';

/** GET /api/tickers/live */
export function tickersRoute(board: LiveBoard, closing: AbortSignal): Hono {
  const route = new Hono();
  route.get('/live', async (context) => {
    const gone = new AbortController();
    const watched = await board.watch(AbortSignal.any([gone.signal, closing]));
    let version: number | undefined;
    const next = (): readonly TickerUpdate[] | undefined => {
      const known = version ?? 0;
      const changes = board.changesSince(known);
      const isFirst = version === undefined;
      version = board.version;
      return isFirst || changes.length > 0 ? changes : undefined;
    };
    return eventStream(context, { next, beat: [], signal: watched, onEnd: () => gone.abort() });
  });
  return route;
}
