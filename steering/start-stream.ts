import { streamWorkflowId, type StreamPairs, type StreamRequest } from '../domain/stream.js';
import type { TemporalClient } from '../runtime/temporal.js';
import { pairsText } from './pairs-text.js';
import { startOrJoin, type StartedRun } from './start-run.js';

export const STREAM_WORKFLOW = 'streamWorkflow';

/** Whether a run is a stream and no backfill. */
export function isStream({ workflowId }: Pick<StartedRun, 'workflowId'>): boolean {
  return workflowId.startsWith('stream/');
}

/** One line that tells what a stream follows. */
export function streamSummary(pairs: StreamPairs): string {
  return `Stream of ${pairsText(pairs)}`;
}

/** Starts the stream of these pairs, or joins the one that runs, whatever it follows. */
export async function startOrJoinStream(
  temporal: TemporalClient,
  pairs: StreamPairs,
): Promise<StartedRun> {
  const request: StreamRequest = { pairs };
  return startOrJoin(temporal, {
    workflowType: STREAM_WORKFLOW,
    workflowId: streamWorkflowId(),
    input: { request },
    kind: 'stream',
    staticSummary: streamSummary(pairs),
    staticDetails: [
      ...(pairs.kind === 'symbols' ? [`Symbols: ${pairs.symbols.join(', ')}`] : []),
      'Cancelling it closes the sockets after what they delivered is stored.',
      'Updates: `setSymbols`, `rotate`; query: `status`',
    ].join('\n\n'),
  });
}
