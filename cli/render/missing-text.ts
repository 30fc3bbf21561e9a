import type { MissingReason } from '../../storage/completeness.js';

const TEXTS: Readonly<Record<MissingReason, string>> = {
  unconfirmed: 'an answer lacked it; asked again until that is proved',
  no_trades: 'the exchange has proved that there was no trade',
  before_listing: 'before the listing of the pair',
  after_delisting: 'after the delisting of the pair',
  venue_outage: 'nearly all pairs lack it: an outage of the exchange',
  failed: 'the exchange gave no usable answer',
  disconnected: 'closed while no stream was there to see it',
  never_asked: 'not asked for yet: m1 backfill does',
  lost: 'its row is gone: m1 verify --repair loads it again',
  removed: 'older than what RETENTION keeps',
  open: 'has not closed yet',
  future: 'lies in the future',
};

/** Why a candle is missing, for a person. */
export function missingText(reason: MissingReason): string {
  return TEXTS[reason];
}
