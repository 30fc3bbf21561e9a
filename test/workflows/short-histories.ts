import { TestWorkflowEnvironment } from '@temporalio/testing';
import { SEARCH_ATTRIBUTES } from '../../domain/workflow-names.js';
import { findTemporal } from '../../stack/find-temporal.js';

/**
 * A server of its own, with the collector's search attributes, that suggests a new history to a run
 * after so many events.
 */
export async function serverOfShortHistories(events: number): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: {
        type: 'existing-path',
        path: await findTemporal({ log: () => undefined }),
      },
      extraArgs: [
        '--dynamic-config-value',
        `limit.historyCount.suggestContinueAsNew=${events}`,
        ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
          '--search-attribute',
          `${name}=${type === 'KEYWORD' ? 'Keyword' : 'KeywordList'}`,
        ]),
      ],
    },
  });
}
