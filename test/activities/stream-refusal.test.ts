import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, it } from 'vitest';
import {
  createStreamActivities,
  type StreamActivityDeps,
} from '../../activities/stream/stream-activities.js';
import type { StreamPairs } from '../../domain/stream.js';

it('a worker whose configuration allows no stream fails it at once, and opens nothing', async () => {
  const opened: string[] = [];
  const activities = createStreamActivities({
    refusal: 'the stream is refused: set BYBIT_WS_URL',
    source: { id: () => opened.push('database') },
    openFeed: () => opened.push('feed'),
    nowMs: Date.now,
  } as unknown as StreamActivityDeps);
  const logger = new DefaultLogger('ERROR');
  const attempt = new MockActivityEnvironment(undefined, { logger });
  const refused = {
    type: 'WrongUse',
    nonRetryable: true,
    message: 'the stream is refused: set BYBIT_WS_URL',
  };
  const task = { symbols: ['BTCUSDT'], databaseId: 'd', generation: 1 };
  const pairs: StreamPairs = { kind: 'top', count: 2 };
  await expect(attempt.run(() => activities.planStream(pairs))).rejects.toMatchObject(refused);
  await expect(attempt.run(() => activities.runStream(task))).rejects.toMatchObject(refused);
  expect(opened).toEqual([]);
});
