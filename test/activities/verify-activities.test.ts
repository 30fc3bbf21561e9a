import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { createVerifyActivities } from '../../activities/verify/verify-activities.js';
import type { Venue } from '../../domain/venue.js';
import type { StoredStretches } from '../../domain/verify.js';

it('tells whose candles were compared', async () => {
  const activities = createVerifyActivities({
    venue: {} as Venue,
    stored: { series: () => Promise.resolve([]) } as Partial<StoredStretches> as StoredStretches,
    source: {
      claim: (source: string) => Promise.resolve({ source, databaseId: 'db' }),
    },
    sourceLabel: 'simulated',
    nowMs: () => 0,
  });
  const request = { stretches: 1, seed: 7 };
  const result = await new MockActivityEnvironment().run(() =>
    activities.compareWithVenue(request),
  );
  expect(result).toMatchObject({ source: 'simulated', stretches: 0, different: 0 });
});
