import { el } from './element.js';

/** A link to another program; its text alone when there is no address or one that is not of the web. */
export function outLink(url: string | undefined, text: string): HTMLElement {
  if (url === undefined || !isWebAddress(url)) return el('span', {}, text);
  return el('a', { href: url, target: '_blank', rel: 'noreferrer' }, text);
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
