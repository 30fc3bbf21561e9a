import { venueTimeMs, type Envelope } from './envelope.js';
import type { HttpAnswer } from './http-transport.js';

/*
 * How long the venue asks to wait. Moments of the venue are compared with the venue's own clock in
 * the same answer only, since the local clock may be wrong.
 */

const DEFAULT_RESET_MS = 1000;
const MAX_RESET_MS = 60_000;
const DEFAULT_RETRY_AFTER_MS = 5000;
const MAX_RETRY_AFTER_MS = 600_000;
const MIN_WAIT_MS = 50;

/** Until the endpoint's limit opens again, ms from now. */
export function limitResetMs(answer: HttpAnswer, envelope: Envelope | undefined): number {
  const resetMs = Number(answer.headers['x-bapi-limit-reset-timestamp'] ?? NaN);
  const clockMs = (envelope && venueTimeMs(envelope)) ?? dateHeaderMs(answer);
  return bounded(resetMs - clockMs, DEFAULT_RESET_MS, MAX_RESET_MS);
}

/** What `Retry-After` says, in seconds or as a date, ms from now. */
export function retryAfterMs(answer: HttpAnswer): number {
  const text = answer.headers['retry-after']?.trim();
  const waitMs =
    text === undefined || text === ''
      ? NaN
      : Number.isFinite(Number(text))
        ? Number(text) * 1000
        : Date.parse(text) - dateHeaderMs(answer);
  return bounded(waitMs, DEFAULT_RETRY_AFTER_MS, MAX_RETRY_AFTER_MS);
}

/** NaN when there is none. */
function dateHeaderMs(answer: HttpAnswer): number {
  return Date.parse(answer.headers['date'] ?? '');
}

function bounded(waitMs: number, defaultMs: number, maxMs: number): number {
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, MIN_WAIT_MS), maxMs) : defaultMs;
}
