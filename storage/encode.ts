import type { TimeRange, TimeRanges } from '../domain/time-range.js';

/*
 * Parameters in the forms that cost the server least. PostgreSQL's binary arrays are: dimensions,
 * flag for nulls, element type, length and lower bound, then each element as its length and bytes,
 * all big-endian. See array_send in PostgreSQL's arrayfuncs.c.
 */

const TIMESTAMPTZ_OID = 1184;
const FLOAT8_OID = 701;
const HEADER_BYTES = 20;
const ELEMENT_BYTES = 12;
const NULL_LENGTH = -1;
/** 2000-01-01 UTC, where PostgreSQL's timestamps start, ms since 1970. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
const TWO_POW_32 = 4_294_967_296;

/** timestamptz[] from ms since 1970. */
export function timestampArray(timesMs: Float64Array): Buffer {
  const { bytes, view } = arrayOf(TIMESTAMPTZ_OID, timesMs.length, false);
  let at = HEADER_BYTES;
  for (const timeMs of timesMs) {
    const microseconds = (timeMs - POSTGRES_EPOCH_MS) * 1000;
    const high = Math.floor(microseconds / TWO_POW_32);
    view.setInt32(at, 8);
    view.setInt32(at + 4, high);
    view.setUint32(at + 8, microseconds - high * TWO_POW_32);
    at += ELEMENT_BYTES;
  }
  return bytes;
}

/** float8[]. */
export function floatArray(values: Float64Array): Buffer {
  const { bytes, view } = arrayOf(FLOAT8_OID, values.length, false);
  let at = HEADER_BYTES;
  for (const value of values) {
    view.setInt32(at, 8);
    view.setFloat64(at + 4, value);
    at += ELEMENT_BYTES;
  }
  return bytes;
}

/** float8[] with null where the value is NaN. */
export function nullableFloatArray(values: Float64Array): Buffer {
  const { bytes, view } = arrayOf(FLOAT8_OID, values.length, true);
  let at = HEADER_BYTES;
  for (const value of values) {
    if (Number.isNaN(value)) {
      view.setInt32(at, NULL_LENGTH);
      at += 4;
    } else {
      view.setInt32(at, 8);
      view.setFloat64(at + 4, value);
      at += ELEMENT_BYTES;
    }
  }
  return bytes.subarray(0, at);
}

function arrayOf(oid: number, length: number, nulls: boolean): { bytes: Buffer; view: DataView } {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + length * ELEMENT_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt32(0, 1);
  view.setInt32(4, nulls ? 1 : 0);
  view.setInt32(8, oid);
  view.setInt32(12, length);
  view.setInt32(16, 1);
  return { bytes, view };
}

/** timestamptz from ms since 1970, in any time zone of the session. */
export function timestamp(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

export function nullableTimestamp(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : timestamp(timeMs);
}

/** tstzrange [from,to). */
export function range({ fromMs, toMs }: TimeRange): string {
  return `[${timestamp(fromMs)},${timestamp(toMs)})`;
}

/** tstzmultirange. */
export function multirange(ranges: TimeRanges): string {
  return `{${ranges.map(range).join(',')}}`;
}

/** SQL that gives a timestamptz as ms since 1970, a number in JavaScript. */
export function msOf(expression: string): string {
  return `(extract(epoch from ${expression}) * 1000)::float8`;
}
