import { Hono } from 'hono';
import { z } from 'zod';
import { readNewestCandles, type StoredCandle } from '../../storage/newest-candles.js';
import { readAllGaps } from '../../storage/read-all-gaps.js';
import type { CandleSlice, LiveCandleUpdate } from '../api.js';
import type { Connections } from '../connections.js';
import { eventStream, type StreamContext } from '../event-stream.js';
import { listedGap } from '../listed-gap.js';
import { LiveCandle } from '../live-candle.js';
import {
  END_OF_TIME_MS,
  numberText,
  queryOf,
  symbolSchema,
  timeframeSchema,
  timeSchema,
} from '../query-of.js';

const DEFAULT_LIMIT = 500;
const MOST_CANDLES = 5_000;

/** A chart that was begun without Redis begins again after this time, ms. */
const REDIS_AGAIN_MS = 5_000;

const seriesSchema = z.object({ symbol: symbolSchema, timeframe: timeframeSchema });

const sliceSchema = seriesSchema.extend({
  to: numberText(timeSchema).optional(),
  limit: numberText(z.number().min(1).max(MOST_CANDLES)).optional(),
});

/** GET /api/candles and /api/candles/live */
export function candlesRoute(
  { database, config }: Connections,
  { board, closing, logger }: StreamContext,
): Hono {
  const slice = async (query: z.infer<typeof sliceSchema>): Promise<CandleSlice> => {
    const { symbol, timeframe, to: toMs, limit = DEFAULT_LIMIT } = query;
    const series = { symbol, timeframe };
    const candles = await readNewestCandles(database, series, { toMs, limit });
    const [first, last] = [candles[0], candles.at(-1)];
    const gaps =
      first === undefined
        ? []
        : await readAllGaps(database, {
            ...{ symbols: [symbol], timeframes: [timeframe], openOnly: true },
            range: { fromMs: first.openTimeMs, toMs: toMs ?? END_OF_TIME_MS },
          });
    const lastIsOpen = last !== undefined && !last.closed;
    const points = candles.map(pointOf);
    return {
      ...series,
      candles: lastIsOpen ? [...points.slice(0, -1), withoutVolume(pointOf(last))] : points,
      gaps: gaps.map((gap) => listedGap(config.temporal, gap)),
      lastIsOpen,
    };
  };
  const route = new Hono();
  route
    .get('/', async (context) => context.json(await slice(queryOf(context, sliceSchema))))
    .get('/live', async (context) => {
      const series = queryOf(context, seriesSchema);
      const gone = new AbortController();
      const signal = AbortSignal.any([gone.signal, closing]);
      // without Redis the chart follows what is stored, but not for ever
      const watched = await board.watch(signal).catch(() => {
        // Node 20 may collect an AbortSignal.timeout within AbortSignal.any before it comes
        setTimeout(() => gone.abort(), REDIS_AGAIN_MS).unref();
        return signal;
      });
      const live = new LiveCandle(series, {
        board,
        readNewest: async () => {
          const [newest] = await readNewestCandles(database, series, { toMs: undefined, limit: 1 });
          return newest && { candle: pointOf(newest), closed: newest.closed };
        },
      });
      return eventStream(context, {
        next: (): Promise<LiveCandleUpdate | undefined> => live.next(),
        beat: undefined,
        signal: watched,
        onEnd: () => gone.abort(),
        logger,
      });
    });
  return route;
}

type Point = CandleSlice['candles'][number];

function pointOf(candle: StoredCandle): Point {
  const { openTimeMs, open, high, low, close, volume } = candle;
  return [openTimeMs, open, high, low, close, volume];
}

/** It grows on after the reading. */
function withoutVolume([openMs, open, high, low, close]: Point): Point {
  return [openMs, open, high, low, close, null];
}
