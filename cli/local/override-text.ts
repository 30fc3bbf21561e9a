import type { VenueConfig } from '../../runtime/config.js';

/** Where the data comes from instead of ByBit, in one line; undefined when it comes from ByBit itself. */
export function overrideText({
  overrides,
  restUrl,
  wsUrl,
  source,
}: Pick<VenueConfig, 'overrides' | 'restUrl' | 'wsUrl' | 'source'>): string | undefined {
  if (overrides.length === 0) return undefined;
  const urls = { BYBIT_REST_URL: restUrl, BYBIT_WS_URL: wsUrl };
  const from = overrides.map((name) => `${urls[name]} (${name})`).join(' and ');
  return `override: the data comes from ${from}, source "${source}"`;
}
