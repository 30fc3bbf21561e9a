import { DAY_STATES } from '../../api.js';

/** How a day of a series is shown: its state, and `partly` for one of which only some was asked for. */
export const SHADES = [
  'complete',
  'partly',
  'missing',
  'no_trades',
  'venue_outage',
  'unconfirmed',
  'disconnected',
  'failed',
  'outside',
] as const;

export type Shade = (typeof SHADES)[number];

/** A word or two for the legend. */
export const SHADE_NAMES: Readonly<Record<Shade, string>> = {
  complete: 'complete',
  partly: 'partly',
  missing: 'never asked',
  no_trades: 'no trades',
  venue_outage: 'venue outage',
  unconfirmed: 'unconfirmed',
  disconnected: 'disconnected',
  failed: 'failed',
  outside: 'outside',
};

/** What it means, one sentence. */
export const SHADE_MEANINGS: Readonly<Record<Shade, string>> = {
  complete: 'Every candle of the day is recorded as stored.',
  partly: 'Some of the day is stored, the rest was never asked for.',
  missing: 'Nobody has asked for this day yet.',
  no_trades: 'The venue has proved that it has no more candles of this day.',
  venue_outage: 'Nearly every pair lacks the same span: the venue was down.',
  unconfirmed: 'An answer of the venue lacked candles; it will be asked again.',
  disconnected: 'No socket was there to see these candles close; they are to be repaired.',
  failed: 'The venue gave no usable answer.',
  outside: 'Before the listing, after the delisting, or removed by retention.',
};

/** The shade of day `column` of a row as the server sends it. */
export function shadeOf(states: string, column: number, storedPercent: number): Shade {
  const state = DAY_STATES[Number(states[column] ?? NaN)] ?? 'outside';
  return state === 'missing' && storedPercent > 0 ? 'partly' : state;
}
