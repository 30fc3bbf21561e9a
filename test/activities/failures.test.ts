import { expect, it } from 'vitest';
import { apiFailure } from '../../activities/failures.js';

it('a request is tried again after 1, 2 and 4 s', () => {
  const waits = [1, 2, 3].map((failures) => apiFailure('HTTP 500', failures).nextRetryDelay);
  expect(waits).toEqual([1_000, 2_000, 4_000]);
});
