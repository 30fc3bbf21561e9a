import { WrongUse } from '../domain/failure.js';

/**
 * The base URL as ccxt wants it: scheme, host and path, without a slash at the end.
 *
 * @throws WrongUse when `text` is no http(s) URL; the message shows no user name or password
 */
export function restBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new WrongUse('the REST URL of ByBit must begin with http:// or https://');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new WrongUse(
      `the REST URL of ByBit must be a host and a path only, like https://${url.host}`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
