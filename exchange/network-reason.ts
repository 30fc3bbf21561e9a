import { reasonOf } from '../domain/failure.js';
import { excerptOf } from './excerpt.js';

/** `write EPROTO 80F...:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/...` */
const OPENSSL_REASON = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)/;

/** Why no connection came about, or why it broke, in one line. */
export function errorReason(error: Error): string {
  // Failed attempts at several addresses come as one error without a message.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const text = reasonOf(first);
  const ofTls = OPENSSL_REASON.exec(text)?.[1];
  if (ofTls !== undefined) return `TLS: ${ofTls}`;
  return excerptOf(text) || error.name;
}
