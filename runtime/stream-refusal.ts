import type { Variables } from './variables.js';

/** Hosts of ByBit and its sites for single countries, and what lies below them. */
const BYBIT_HOST =
  /(^|\.)(bybit\.[a-z]{2,3}|bybit-tr\.com|bybitgeorgia\.ge|bytick\.com|manepa\.jp)$/;

const TESTNET_HOST = /^[a-z]+-testnet\./;

/**
 * Why no stream may be opened: candles that somebody else serves, made up or recorded, must not be
 * followed by those that ByBit itself has today, nor those of its test network by the real ones.
 *
 * @returns undefined when REST and stream belong together, or both are named
 */
export function streamRefusal({
  BYBIT_REST_URL: restUrl,
  BYBIT_WS_URL: wsUrl,
  BYBIT_TESTNET: testnet = false,
}: Pick<Variables, 'BYBIT_REST_URL' | 'BYBIT_WS_URL' | 'BYBIT_TESTNET'>): string | undefined {
  if (restUrl === undefined || wsUrl !== undefined) return undefined;
  const { host, hostname } = new URL(restUrl);
  const isOwn = BYBIT_HOST.test(hostname);
  if (isOwn && TESTNET_HOST.test(hostname) === testnet) return undefined;
  return (
    `the stream is refused: candles come from ${host} (BYBIT_REST_URL of the worker), live prices ` +
    `would come from ${testnet ? "ByBit's test network" : 'ByBit itself'}: set BYBIT_WS_URL as well, ` +
    `or ${isOwn ? `BYBIT_TESTNET=${!testnet}` : 'unset BYBIT_REST_URL'}`
  );
}
