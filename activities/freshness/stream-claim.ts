import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { streamWorkflowId, type StreamFigures } from '../../domain/stream.js';
import type { StreamActivities } from '../stream/types.js';

const STREAM_ACTIVITY: keyof StreamActivities = 'runStream';

/**
 * What the stream says of itself: the figures of its last heartbeat, as the server keeps them.
 *
 * @returns undefined when no stream runs or it has told nothing yet
 */
export async function readStreamClaim(client: Client): Promise<StreamFigures | undefined> {
  try {
    const { raw } = await client.workflow.getHandle(streamWorkflowId()).describe();
    const told = (raw.pendingActivities ?? [])
      .filter(({ activityType }) => activityType?.name === STREAM_ACTIVITY)
      .flatMap(({ heartbeatDetails }) => heartbeatDetails?.payloads?.[0] ?? [])
      .map((details) => defaultPayloadConverter.fromPayload<StreamFigures>(details));
    // while one activity takes over from another, the older one's word counts
    return told.sort((a, b) => a.sinceMs - b.sinceMs)[0];
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}
