import { ApplicationFailure, CancellationScope, ChildWorkflowFailure } from '@temporalio/workflow';

/**
 * A child that a person ended costs the run only that symbol.
 * @throws what ends the whole run: its own cancellation, or a cause that no other symbol escapes
 */
export function reasonToGoOn(error: unknown): string {
  if (CancellationScope.current().consideredCancelled) throw error;
  if (!(error instanceof ChildWorkflowFailure)) throw error;
  const failure = applicationFailure(error);
  if (failure !== undefined) {
    throw ApplicationFailure.nonRetryable(failure.message, failure.type ?? undefined);
  }
  return `its workflow ended early: ${error.cause?.message ?? error.message}`;
}

/** What an activity of the child threw, below the wrappings of activity and child. */
function applicationFailure(error: Error): ApplicationFailure | undefined {
  if (error instanceof ApplicationFailure) return error;
  return error.cause instanceof Error ? applicationFailure(error.cause) : undefined;
}
