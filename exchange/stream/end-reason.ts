import { excerptOf } from '../excerpt.js';

/** @param code of the WebSocket protocol; 1006 is an end without a closing handshake */
export function closeReason(code: number, text: string): string {
  const said = excerptOf(text);
  return `the venue closed the connection (${said === '' ? code : `${code} ${said}`})`;
}
