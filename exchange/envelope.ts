import { cutRows, type KlineRows } from './kline-rows.js';

/** ByBit's wrapping of every answer, before anything but its code has been checked. */
export interface Envelope {
  readonly retCode: number;
  /** Empty when the venue sent none. */
  readonly retMsg: string;
  readonly result: unknown;
  /** The rows of `result.list`, not parsed; that list is empty then. */
  readonly rows: KlineRows | undefined;
  readonly time: unknown;
}

/** What a good answer holds. */
export interface Result {
  readonly result: Readonly<Record<string, unknown>>;
  /** The rows of a kline answer, not parsed; undefined: they are in `result.list`. */
  readonly rows: KlineRows | undefined;
  /** The venue's clock, ms since 1970. */
  readonly venueTimeMs: number;
}

/** @returns undefined when `body` is not a JSON object with a numeric `retCode` */
export function parseEnvelope(body: string): Envelope | undefined {
  const cut = cutRows(body);
  if (cut !== undefined) {
    const envelope = readEnvelope(cut.rest, cut.rows);
    // What was cut out must have been that list, and nothing else in the answer that looks like it.
    if (isRecord(envelope?.result) && isEmptyList(envelope.result['list'])) return envelope;
  }
  return readEnvelope(body, undefined);
}

function readEnvelope(text: string, rows: KlineRows | undefined): Envelope | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value['retCode'] !== 'number') return undefined;
  const { retCode, retMsg, result, time } = value;
  return { retCode, retMsg: typeof retMsg === 'string' ? retMsg : '', result, rows, time };
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** @returns undefined when the time is no number, in ms since 1970 */
export function venueTimeMs(envelope: Envelope): number | undefined {
  const { time } = envelope;
  return typeof time === 'number' && Number.isSafeInteger(time) && time > 0 ? time : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
