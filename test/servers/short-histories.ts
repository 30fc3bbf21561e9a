import { TestWorkflowEnvironment } from '@temporalio/testing';
import { findTemporal } from '../../stack/find-temporal.js';
import { searchAttributeOptions } from '../../stack/start-temporal.js';

/**
 * A server of its own, as it is started by the stack, that suggests continue-as-new after `events`
 * events of a history.
 */
export async function startTemporalOfShortHistories(
  events: number,
): Promise<TestWorkflowEnvironment> {
  const path = await findTemporal({ log: () => undefined });
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      extraArgs: [
        ...['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${events}`],
        ...searchAttributeOptions(),
      ],
    },
  });
}
