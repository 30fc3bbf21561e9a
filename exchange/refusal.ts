import { GiveUpRun, GiveUpSymbol, RetrySoon, WaitUntil } from '../domain/failure.js';
import type { Envelope } from './envelope.js';
import { excerptOf } from './excerpt.js';
import type { HttpAnswer } from './http-transport.js';
import { limitResetMs, retryAfterMs } from './venue-wait.js';

/** What was asked, as far as a refusal depends on it. */
export interface Subject {
  /** For messages, for example `kline BTCUSDT 1h`. */
  readonly label: string;
  /** The request names one symbol, so the venue may refuse just that. */
  readonly ofSymbol: boolean;
}

export interface RefusalContext {
  readonly subject: Subject;
  /** Local clock, ms since 1970. */
  readonly nowMs: number;
  /** How long a ban lasts, ms. */
  readonly banWaitMs: number;
}

type Refusal = RetrySoon | WaitUntil | GiveUpSymbol | GiveUpRun;

/** The only texts that prove a ban: any other 403 comes from a region rule or the CDN. */
const BAN_TEXT = /access too frequent|too many visits/i;

/** Statuses below 500 that pass by themselves. */
const PASSING_STATUSES: readonly number[] = [408, 425];

/**
 * Sorts an answer by what the caller must do about it.
 *
 * @param envelope undefined when the body is none
 * @returns undefined when the venue did not refuse
 */
export function refusalOf(
  answer: HttpAnswer,
  envelope: Envelope | undefined,
  context: RefusalContext,
): Refusal | undefined {
  const { status } = answer;
  const { nowMs, subject } = context;
  if (status === 403) return refusalOf403(answer, context);
  if (status === 429) {
    const message = `ByBit asks to wait (HTTP 429) for ${subject.label}`;
    return new WaitUntil(message, nowMs + retryAfterMs(answer));
  }
  if (status >= 500 || PASSING_STATUSES.includes(status)) {
    return new RetrySoon(`ByBit failed ${describe(answer, context)}`);
  }
  const byCode = envelope && refusalOfCode(answer, envelope, context);
  if (status >= 200 && status < 300) {
    return byCode ?? (envelope ? undefined : notByBit(answer, context));
  }
  return byCode === undefined || byCode instanceof RetrySoon
    ? new GiveUpRun(`ByBit refused ${describe(answer, context)}; check BYBIT_REST_URL`)
    : byCode;
}

function notByBit(answer: HttpAnswer, context: RefusalContext): RetrySoon {
  return new RetrySoon(`the answer is not ByBit's JSON: ${describe(answer, context)}`);
}

function refusalOf403(answer: HttpAnswer, context: RefusalContext): WaitUntil | GiveUpRun {
  if (!BAN_TEXT.test(answer.body)) {
    return new GiveUpRun(
      'ByBit refuses this network (HTTP 403 without its rate-limit text: region or CDN); ' +
        'use another network, BYBIT_REST_URL for a permitted host, or m1 up --simulated; ' +
        describe(answer, context),
    );
  }
  const untilMs = context.nowMs + context.banWaitMs;
  const until = new Date(untilMs).toISOString();
  return new WaitUntil(
    `ByBit has banned this IP for too many requests, no request until ${until}; ` +
      describe(answer, context),
    untilMs,
    true,
  );
}

/** By the venue's own code; an unknown one is tried again. */
function refusalOfCode(
  answer: HttpAnswer,
  envelope: Envelope,
  context: RefusalContext,
): Refusal | undefined {
  const { retCode, retMsg } = envelope;
  const { subject, nowMs } = context;
  const said = `(retCode ${retCode} ${excerptOf(retMsg)})`;
  switch (retCode) {
    case 0:
      return undefined;
    case 10006:
    case 10018:
      return new WaitUntil(
        `ByBit asks to wait ${said} for ${subject.label}`,
        nowMs + limitResetMs(answer, envelope),
      );
    case 429:
      return new WaitUntil(
        `ByBit asks to wait ${said} for ${subject.label}`,
        nowMs + retryAfterMs(answer),
      );
    case 10001:
      // The venue has one code for every bad parameter, so its text must tell which.
      return subject.ofSymbol && /symbol/i.test(retMsg)
        ? new GiveUpSymbol(`ByBit does not know the symbol ${said} of ${subject.label}`)
        : new GiveUpRun(`ByBit refuses the parameters ${said} of ${subject.label}`);
    case 10029:
      return subject.ofSymbol
        ? new GiveUpSymbol(`ByBit refuses the symbol ${said} of ${subject.label}`)
        : new GiveUpRun(`ByBit refuses ${subject.label} ${said}`);
    case 10009:
    case 10024:
      return new GiveUpRun(
        `ByBit does not serve this region ${said}, asked for ${subject.label}; ` +
          'use another network, BYBIT_REST_URL for a permitted host, or m1 up --simulated',
      );
    case 10017:
      return new GiveUpRun(
        `ByBit has no such address ${said} for ${subject.label}; check BYBIT_REST_URL`,
      );
    default:
      return new RetrySoon(`ByBit failed ${subject.label} ${said}`);
  }
}

function describe(answer: HttpAnswer, { subject }: RefusalContext): string {
  const body = excerptOf(answer.body);
  return `${subject.label} (HTTP ${answer.status}, ${body === '' ? 'empty body' : `body: ${body}`})`;
}
