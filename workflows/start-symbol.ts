import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ParentClosePolicy,
  sleep,
  startChild,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { SYMBOL, TIMEFRAMES_KEY, COLLECTOR_KIND } from '../domain/search-attributes.js';
import type { symbolBackfillWorkflow } from './symbol-backfill.js';

export type SymbolHandle = ChildWorkflowHandle<typeof symbolBackfillWorkflow>;

/** Between two looks at a child of the same id that is still draining. */
const NAMESAKE_WAIT = '2s';

/**
 * Starts the child for one symbol as `<parent>/<SYMBOL>`. One of an earlier run that is still
 * draining is waited for.
 */
export async function startSymbol(
  task: Parameters<typeof symbolBackfillWorkflow>[0],
): Promise<SymbolHandle> {
  const { symbol, timeframes } = task;
  for (;;) {
    try {
      return await startChild<typeof symbolBackfillWorkflow>('symbolBackfillWorkflow', {
        workflowId: `${workflowInfo().workflowId}/${symbol}`,
        args: [task],
        // A parent that is terminated lets its children finish the pages in flight.
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `${symbol} ${timeframes.join(' ')}`,
        typedSearchAttributes: [
          { key: COLLECTOR_KIND, value: 'backfill' },
          { key: SYMBOL, value: symbol },
          { key: TIMEFRAMES_KEY, value: [...timeframes] },
        ],
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(NAMESAKE_WAIT, { summary: `an earlier ${symbol} is still draining` });
    }
  }
}
