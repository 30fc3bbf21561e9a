import type { InputReader } from './input-reader.js';
import { parseRule, type FaultOnDemand } from './parse-rule.js';

export const ENDPOINT_NAMES = ['time', 'instruments-info', 'tickers', 'kline'] as const;
export type EndpointName = (typeof ENDPOINT_NAMES)[number];

/** Changes to the rows of a kline answer (some also fit the lists of the other endpoints). */
export const CONTENT_FAULTS = [
  'resultNull',
  'listEmpty',
  'listNull',
  /** Oldest first, and the first two rows changed about. */
  'unsorted',
  /** A row twice, the same. */
  'duplicates',
  /** A row twice, the second with another close and volume. */
  'conflicts',
  /** A row before and one after the window that was asked for. */
  'outside',
  /** Open to close null, or "". */
  'nullCells',
  'emptyCells',
  /** Prices "abc". */
  'nonNumeric',
  /** Open times one second off the grid. */
  'offGrid',
  /** Rows missing from the middle. */
  'missingRows',
  /** Rows of three cells. */
  'shortRows',
  /** Rows from before the window instead of those within. */
  'staleRows',
] as const;
export type ContentFault = (typeof CONTENT_FAULTS)[number];

/** Bodies that are not the venue's JSON, with HTTP 200. */
export const BODY_FAULTS = ['html200', 'truncated', 'emptyBody', 'emptyObject'] as const;
export type BodyFault = (typeof BODY_FAULTS)[number];

/** The connection itself fails. */
export const CONNECTION_FAULTS = ['hang', 'hangMidBody', 'reset'] as const;
export type ConnectionFault = (typeof CONNECTION_FAULTS)[number];

/** What a fault does to the answer. */
export type FaultEffect =
  /** HTTP 200 with this retCode; `resetAfterMs` sets X-Bapi-Limit-Reset-Timestamp (default 1000). */
  | {
      readonly kind: 'retCode';
      readonly retCode: number;
      readonly retMsg?: string;
      readonly resetAfterMs?: number;
    }
  /** Another HTTP status. `ban` is the venue's own text, `region` the CDN's page, `html` a gateway's. */
  | { readonly kind: 'status'; readonly status: number; readonly body?: 'ban' | 'region' | 'html' }
  | { readonly kind: ConnectionFault | BodyFault }
  /** `rows`: how many rows are affected, from the middle of the page; default 1. */
  | { readonly kind: ContentFault; readonly rows?: number }
  /** The answer comes `delayMs` later, and up to `jitterMs` more. Other faults still apply. */
  | { readonly kind: 'delay'; readonly delayMs: number; readonly jitterMs?: number };

/** Which requests a fault meets; what is absent matches all. */
export interface FaultMatch {
  readonly endpoint?: EndpointName;
  readonly symbol?: string;
  /** Interval id as the venue writes it: 5, 60, D. */
  readonly interval?: string;
  /** Range of the request's `start` parameter, ms, `startToMs` excluded. */
  readonly startFromMs?: number;
  readonly startToMs?: number;
}

/** A fault on demand; its occasions are the requests that match. */
export type FaultRule = FaultOnDemand<FaultMatch, FaultEffect>;

/** Reads a rule that comes from outside. Thrown: an Error that names the wrong field. */
export function parseFaultRule(input: unknown): FaultRule {
  return parseRule(input, readMatch, readEffect);
}

function readMatch(reader: InputReader): FaultMatch {
  const endpoint = reader.choice('endpoint', ENDPOINT_NAMES);
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...reader.texts('symbol', 'interval'),
    ...reader.numbers('startFromMs', 'startToMs'),
  };
}

const EFFECT_KINDS = [
  'retCode',
  'status',
  'delay',
  ...CONNECTION_FAULTS,
  ...BODY_FAULTS,
  ...CONTENT_FAULTS,
] as const;

function readEffect(reader: InputReader): FaultEffect {
  const kind = reader.required('kind', reader.choice('kind', EFFECT_KINDS));
  switch (kind) {
    case 'retCode': {
      const { retCode } = reader.numbers('retCode');
      return {
        kind,
        retCode: reader.required('retCode', retCode),
        ...reader.texts('retMsg'),
        ...reader.numbers('resetAfterMs'),
      };
    }
    case 'status': {
      const status = reader.required('status', reader.numbers('status').status);
      const body = reader.choice('body', ['ban', 'region', 'html'] as const);
      return { kind, status, ...(body === undefined ? {} : { body }) };
    }
    case 'delay': {
      const { delayMs, ...jitter } = reader.numbers('delayMs', 'jitterMs');
      return { kind, delayMs: reader.required('delayMs', delayMs), ...jitter };
    }
    default:
      return { kind, ...reader.numbers('rows') };
  }
}
