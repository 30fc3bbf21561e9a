import type { StreamQuirks } from './stream-quirks.js';

/** A request that was understood. */
export interface StreamRequest {
  readonly op: string;
  readonly args: readonly string[];
  /** As text, whatever it was sent as; undefined when there was none. */
  readonly reqId: string | undefined;
}

/** The answer to a request. */
export interface StreamReply {
  readonly success: boolean;
  readonly retMsg: string;
  readonly op: string;
  readonly reqId: string | undefined;
}

/** Thrown when a message is no request; the message is the venue's ret_msg. */
export class UndecodableRequest extends Error {}

const DECODE_FAILURE = 'Failed to decode incoming data:';
/** How much of a bad message the venue quotes. */
const NEAR_CHARS = 20;

/** Reads a message of a client. Throws UndecodableRequest. */
export function parseRequest(text: string): StreamRequest {
  const fields = parseObject(text);
  const { op, args = [], req_id: reqId } = fields;
  if (typeof op !== 'string') throw unreadable('ReadString: expects " or n', '', text);
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string')) {
    throw unreadable('readStringArray: expects " or n', '', text);
  }
  const hasId = typeof reqId === 'string' || typeof reqId === 'number';
  return { op, args, reqId: hasId ? String(reqId) : undefined };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  const first = text.trimStart()[0] ?? '\0';
  const expected = 'readObjectStart: expect { or n';
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(first === '{' ? 'readObject: expect , or }' : expected, first, text);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unreadable(expected, first, text);
  }
  return value as Readonly<Record<string, unknown>>;
}

function unreadable(expected: string, found: string, text: string): UndecodableRequest {
  const near = text.slice(0, NEAR_CHARS);
  return new UndecodableRequest(
    `${DECODE_FAILURE}${expected}, but found ${found}, error found in #1 byte of ...|${near}|..., bigger context ...|${text.slice(0, 5 * NEAR_CHARS)}|...`,
  );
}

/** The venue's JSON of an answer. */
export function writeReply(reply: StreamReply, connectionId: string, quirks: StreamQuirks): string {
  const reqId = reply.reqId ?? (quirks.streamReqId === 'empty' ? '' : undefined);
  const text = JSON.stringify({
    success: reply.success,
    ret_msg: reply.retMsg,
    conn_id: connectionId,
    ...(reqId === undefined ? {} : { req_id: reqId }),
    op: reply.op,
  });
  return escapeHtml(text);
}

/** The venue's encoder escapes what HTML would take for markup. */
function escapeHtml(json: string): string {
  return json.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}
