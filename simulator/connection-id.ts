import { randomBytes, randomUUID } from 'node:crypto';
import type { StreamQuirks } from './stream-quirks.js';

const LONG_CHARS = 20;
const SHORT_CHARS = 5;
const ALPHABET = '0123456789abcdefghijklmnopqrstuv';

/** A new conn_id in the form asked for. */
export function newConnectionId(form: StreamQuirks['streamConnId']): string {
  if (form === 'uuid') return randomUUID();
  const characters = [...randomBytes(LONG_CHARS + SHORT_CHARS)].map(
    (byte) => ALPHABET[byte % ALPHABET.length],
  );
  return `${characters.slice(0, LONG_CHARS).join('')}-${characters.slice(LONG_CHARS).join('')}`;
}
