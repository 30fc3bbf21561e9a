/** Where a chain of failures began: of a run, the activity's own failure. */
export function deepestCause(error: Error): Error {
  return error.cause instanceof Error ? deepestCause(error.cause) : error;
}
