import type { VenueCheckRequest, VenueCheckResult } from '../../domain/verify.js';

export interface VerifyActivities {
  /** Asks the exchange again for stored stretches and compares. Changes nothing. */
  compareWithVenue(request: VenueCheckRequest): Promise<VenueCheckResult>;
}
