import { expect, it } from 'vitest';
import { apiFailure } from '../../activities/failures.js';

it.each([
  [1, 1_000],
  [2, 2_000],
  [3, 4_000],
])('after its failure number %i a request is tried again in %i ms', (failures, waitMs) => {
  expect(apiFailure('HTTP 500', failures)).toMatchObject({ nextRetryDelay: waitMs });
});
