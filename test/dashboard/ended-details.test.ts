import { expect, it } from 'vitest';
import { EndedDetails } from '../../dashboard/runs/ended-details.js';
import type { ListedRun } from '../../domain/listed-run.js';
import type { TemporalClient } from '../../runtime/temporal.js';

/** Answers for all runs but those that no worker can replay. */
function temporalThatKnows(knows: (runId: string) => boolean): TemporalClient {
  const getHandle = (_: string, runId: string) => ({
    query: () =>
      knows(runId) ? Promise.resolve({ currentDetails: runId }) : Promise.reject(new Error('no')),
  });
  const client = {
    workflow: { getHandle },
    withDeadline: (_: number, ask: () => unknown) => ask(),
  };
  return { client } as unknown as TemporalClient;
}

it('asks the others too while some runs can never be told', async () => {
  const runs = Array.from({ length: 12 }, (_, index) => ({
    ...{ workflowId: 'w', runId: String(index), status: 'completed' },
  })) as unknown as ListedRun[];
  const ended = new EndedDetails();
  const temporal = temporalThatKnows((runId) => Number(runId) >= 5);
  for (let reading = 0; reading < 3; reading++) await ended.learn(temporal, runs);
  expect(runs.slice(5).map((run) => ended.of(run))).toEqual(['5', '6', '7', '8', '9', '10', '11']);
});
