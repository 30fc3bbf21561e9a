import { GiveUpRun, reasonOf, RetryNow, ServerAway } from '../domain/failure.js';

/** SQLSTATEs and Node's error codes that mean: no connection, or none that could be used. */
const AWAY = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
  // connection exceptions, shutdown by an administrator or a crash, still starting
  ...['08000', '08001', '08003', '08004', '08006', '57P01', '57P02', '57P03', '57P05'],
  // the statement was cancelled, by its timeout or by an administrator
  '57014',
]);

/** What pg says without a code when the connection breaks or none can be had in time. */
const AWAY_TEXTS = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error',
];

/** What a nested call has sorted already. */
const SORTED = [ServerAway, GiveUpRun, RetryNow];

/** The SQLSTATE or Node's code of an error; undefined where there is none. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Sorts an error of PostgreSQL by what the caller must do. An error that is none of these is a fault
 * of M1 itself or handled by the caller, and comes back as it is.
 *
 * @param where host:port/database, for the message
 */
export function databaseFailure(error: unknown, where: string): unknown {
  if (SORTED.some((failure) => error instanceof failure)) return error;
  const code = errorCode(error);
  const cause = { cause: error };
  if (wantsPassword(error)) {
    return new ServerAway(`PostgreSQL at ${where} wants a password: set POSTGRES_PASSWORD`, cause);
  }
  switch (code) {
    case '28P01':
    case '28000':
      return new ServerAway(
        `PostgreSQL at ${where} refuses the password or the user: correct POSTGRES_USER and POSTGRES_PASSWORD`,
        cause,
      );
    case '3D000':
      return new ServerAway(
        `PostgreSQL at ${where} has no such database: create it or correct POSTGRES_DB`,
        cause,
      );
    case '42501':
      return new ServerAway(
        `PostgreSQL at ${where} says "${reasonOf(error)}": grant the user of POSTGRES_USER this right`,
        cause,
      );
    case '53300':
      return new ServerAway(
        `PostgreSQL at ${where} has no connection left: raise max_connections or run fewer workers`,
        cause,
      );
    case '25006':
      return new ServerAway(
        `PostgreSQL at ${where} is read-only: correct POSTGRES_HOST, it must be the primary`,
        cause,
      );
    case '53100':
      return new GiveUpRun(
        'PostgreSQL has no space left on its disk: free space, then run the same command again',
        cause,
      );
    case '42P01':
    case '42703':
    case '42883':
      return new GiveUpRun(
        `the database at ${where} lacks a part of M1's schema (${reasonOf(error)}): run m1 db upgrade`,
        cause,
      );
    case '40001':
    case '40P01':
      return new RetryNow(`PostgreSQL undid a transaction (${reasonOf(error)})`, cause);
    default:
      return isAway(error, code)
        ? new ServerAway(
            `PostgreSQL at ${where} does not answer (${reasonText(error)}): start it or correct POSTGRES_HOST and POSTGRES_PORT`,
            cause,
          )
        : error;
  }
}

/** What pg says, without a code, when the server asks for a password and there is none. */
function wantsPassword(error: unknown): boolean {
  return error instanceof Error && error.message.includes('client password must be a');
}

function isAway(error: unknown, code: string | undefined): boolean {
  if (code !== undefined) return AWAY.has(code);
  return error instanceof Error && AWAY_TEXTS.some((text) => error.message.includes(text));
}

/** Some connection errors of Node are a bundle without a text of their own. */
function reasonText(error: unknown): string {
  return reasonOf(error) || (errorCode(error) ?? 'unknown');
}
