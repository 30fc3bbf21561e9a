import type { Variables } from './variables.js';

/** Hosts of ByBit and its sites for single countries, and what lies below them. */
const BYBIT_HOST =
  /(^|\.)(bybit\.[a-z]{2,3}|bybit-tr\.com|bybitgeorgia\.ge|bytick\.com|manepa\.jp)$/;

const TESTNET_HOST = /^[a-z]+-testnet\./;

/** What comes from where, and the variable that says so. */
const REST = { name: 'BYBIT_REST_URL', brings: 'candles' } as const;
const STREAM = { name: 'BYBIT_WS_URL', brings: 'live prices' } as const;

/**
 * Why no stream may be opened: candles that somebody else serves, made up or recorded, must not be
 * followed by those that ByBit itself has today, nor those of its test network by the real ones; and
 * the other way round.
 *
 * @returns undefined when REST and stream belong together, or both are named
 */
export function streamRefusal({
  BYBIT_REST_URL: restUrl,
  BYBIT_WS_URL: wsUrl,
  BYBIT_TESTNET: testnet = false,
}: Pick<Variables, 'BYBIT_REST_URL' | 'BYBIT_WS_URL' | 'BYBIT_TESTNET'>): string | undefined {
  const [url, named, other] = wsUrl === undefined ? [restUrl, REST, STREAM] : [wsUrl, STREAM, REST];
  if (url === undefined || (restUrl !== undefined && wsUrl !== undefined)) return undefined;
  const { host, hostname } = new URL(url);
  const isOwn = BYBIT_HOST.test(hostname);
  if (isOwn && TESTNET_HOST.test(hostname) === testnet) return undefined;
  return (
    `the stream is refused: ${named.brings} come from ${host} (${named.name} of the worker), ` +
    `${other.brings} would come from ${testnet ? "ByBit's test network" : 'ByBit itself'}: ` +
    `set ${other.name} as well, or ${isOwn ? `BYBIT_TESTNET=${!testnet}` : `unset ${named.name}`}`
  );
}
