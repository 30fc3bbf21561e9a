import { Hono } from 'hono';
import type { TickerUpdate } from '../api.js';
import { eventStream, type StreamContext } from '../event-stream.js';

/** GET /api/tickers/live */
export function tickersRoute({ board, closing, logger }: StreamContext): Hono {
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
    const onEnd = (): void => gone.abort();
    return eventStream(context, { next, beat: [], signal: watched, onEnd, logger });
  });
  return route;
}
