import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { GiveUpRun, reasonOf, RetryNow, ServerAway, WrongUse } from '../domain/failure.js';
import type { Logger } from '../runtime/logger.js';
import type { Fault } from './api.js';

/** Thrown for a request that is answered with `status`; the message is for people, one line. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly status: ContentfulStatusCode,
    message: string,
  ) {
    super(message);
  }
}

/** What an answer says of a failure. */
export interface FaultAnswer {
  readonly status: ContentfulStatusCode;
  readonly fault: Fault;
  /** False for a fault of the dashboard itself, which only its log may tell in full. */
  readonly expected: boolean;
}

export function faultOf(error: unknown): FaultAnswer {
  const told = (status: ContentfulStatusCode): FaultAnswer => ({
    status,
    fault: { error: reasonOf(error) },
    expected: true,
  });
  if (error instanceof Refused) return told(error.status);
  if (error instanceof WrongUse) return told(400);
  const away = [ServerAway, GiveUpRun, RetryNow];
  if (away.some((failure) => error instanceof failure)) return told(503);
  if (isServiceError(error)) {
    const reason = `Temporal does not answer (${reasonOf(error)}): start m1 up, or set TEMPORAL_ADDRESS`;
    return { status: 503, fault: { error: reason }, expected: true };
  }
  const reason = 'the dashboard failed: its log says why';
  return { status: 500, fault: { error: reason }, expected: false };
}

/** Writes a fault of the dashboard itself to its log; all others are told to whoever asked. */
export function logFault(
  logger: Pick<Logger, 'error'>,
  { req: { method, path } }: Context,
  error: unknown,
): void {
  if (faultOf(error).expected) return;
  const stack = error instanceof Error ? error.stack : undefined;
  logger.error({ method, path, reason: reasonOf(error), stack }, 'request failed');
}

/** What Temporal's client throws for a call that failed on its way. */
function isServiceError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === 'ServiceError' || ('code' in error && 'details' in error && 'metadata' in error)
  );
}
