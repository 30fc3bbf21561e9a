import { reasonOf } from '../domain/failure.js';
import { deepestCause } from '../steering/deepest-cause.js';
import { EXIT } from './exit-codes.js';

/** Errors of these names mean that the caller must change the command or its configuration. */
const WRONG_USE = new Set(['WrongUse', 'UsageError', 'UnknownSyntaxError', 'AmbiguousSyntaxError']);

/** What is needed of a command's context. */
export interface FailureContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: { write(text: string): unknown };
}

/**
 * Prints an error as one line, with its stack only for `LOG_LEVEL=debug`.
 *
 * @returns the exit code
 */
export function reportFailure(error: unknown, { env, stderr }: FailureContext): number {
  stderr.write(`m1: ${reasonText(error) || 'unknown error'}\n`);
  const level = env['LOG_LEVEL']?.toLowerCase();
  const verbose = level === 'debug' || level === 'trace';
  if (verbose && error instanceof Error) stderr.write(`${stackOf(error)}\n`);
  return error instanceof Error && WRONG_USE.has(error.name) ? EXIT.wrongUse : EXIT.failed;
}

/** Temporal's client says what it could not do, and only its cause says why. */
function reasonText(error: unknown): string {
  const reason = reasonOf(error);
  const unexplained = error instanceof Error && error.name === 'ServiceError';
  return unexplained ? `${reason}: ${reasonOf(deepestCause(error))}` : reason;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
