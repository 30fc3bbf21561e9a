/** Where a chain of failures began: of a run, the activity's own failure. */
export function deepestCause(error: Error): Error;
export function deepestCause(error: unknown): unknown;
export function deepestCause(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? deepestCause(error.cause) : error;
}
