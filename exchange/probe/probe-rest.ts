import { RetrySoon } from '../../domain/failure.js';
import type { Result } from '../envelope.js';
import { createHttpTransport, NoAnswer, type HttpAnswer } from '../http-transport.js';
import { restBaseUrl } from '../rest-url.js';
import { resultOf } from '../result.js';

/** What the venue's REST shows of itself. */
export interface RestProbe {
  /** Of a request over a connection that was open, ms. */
  readonly roundTripMs: number;
  /** How far the local clock is ahead of the venue's, ms; exact to half the round trip. */
  readonly aheadMs: number;
  /** By the venue's own headers; undefined: it sends none. */
  readonly limit: { readonly allowed: number; readonly left: number } | undefined;
}

export interface RestProbeOptions {
  /** Base URL, for example `https://api.bybit.com`. */
  readonly restUrl: string;
  /** For each answer, ms. */
  readonly timeoutMs: number;
  /** How long a ban is taken to last, ms. */
  readonly banWaitMs: number;
}

/** How many requests a look takes: one to connect, one to read the clock by. */
export const PROBE_REQUESTS = 2;

const SUBJECT = { label: 'time', ofSymbol: false };

/**
 * Asks the venue for its time, outside of any budget: see `PROBE_REQUESTS`.
 *
 * @throws RetrySoon, WaitUntil, GiveUpRun as a venue does
 * @throws WrongUse when `restUrl` is no http(s) base URL
 */
export async function probeRest(options: RestProbeOptions): Promise<RestProbe> {
  const url = `${restBaseUrl(options.restUrl)}/v5/market/time`;
  const transport = createHttpTransport({ connections: 1, timeoutMs: options.timeoutMs });
  const ask = async (): Promise<{ readonly answer: HttpAnswer; readonly result: Result }> => {
    const answer = await transport.get(url).catch((error: unknown) => {
      if (!(error instanceof NoAnswer)) throw error;
      throw new RetrySoon(`no answer from ${url}: ${error.message}`, { cause: error });
    });
    const { banWaitMs } = options;
    return { answer, result: resultOf(answer, { subject: SUBJECT, nowMs: Date.now(), banWaitMs }) };
  };
  try {
    // the first one resolves the name and connects, which would count as travel of the answer
    await ask();
    const sentMs = Date.now();
    const startedMs = performance.now();
    const { answer, result } = await ask();
    const roundTripMs = performance.now() - startedMs;
    return {
      roundTripMs,
      aheadMs: sentMs + roundTripMs / 2 - result.venueTimeMs,
      limit: limitOf(answer),
    };
  } finally {
    await transport.close();
  }
}

function limitOf({ headers }: HttpAnswer): RestProbe['limit'] {
  const allowed = Number(headers['x-bapi-limit'] ?? NaN);
  const left = Number(headers['x-bapi-limit-status'] ?? NaN);
  return Number.isFinite(allowed) && Number.isFinite(left) ? { allowed, left } : undefined;
}
