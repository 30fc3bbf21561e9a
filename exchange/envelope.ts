/** ByBit's wrapping of every answer, before anything but its code has been checked. */
export interface Envelope {
  readonly retCode: number;
  /** Empty when the venue sent none. */
  readonly retMsg: string;
  readonly result: unknown;
  readonly time: unknown;
}

/** What a good answer holds. */
export interface Result {
  readonly result: Readonly<Record<string, unknown>>;
  /** The venue's clock, ms since 1970. */
  readonly venueTimeMs: number;
}

/** @returns undefined when `body` is not a JSON object with a numeric `retCode` */
export function parseEnvelope(body: string): Envelope | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value['retCode'] !== 'number') return undefined;
  const { retCode, retMsg, result, time } = value;
  return { retCode, retMsg: typeof retMsg === 'string' ? retMsg : '', result, time };
}

/** @returns undefined when the time is no number, in ms since 1970 */
export function venueTimeMs(envelope: Envelope): number | undefined {
  const { time } = envelope;
  return typeof time === 'number' && Number.isSafeInteger(time) && time > 0 ? time : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
