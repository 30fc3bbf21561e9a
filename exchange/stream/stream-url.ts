import { WrongUse } from '../../domain/failure.js';

/**
 * @returns `text` itself
 * @throws WrongUse when it is no ws(s) URL; the message shows no user name or password
 */
export function streamUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
    throw new WrongUse('the stream URL of ByBit must begin with ws:// or wss://');
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new WrongUse(
      `the stream URL of ByBit must be a host and a path only, like wss://${url.host}${url.pathname}`,
    );
  }
  return text;
}
