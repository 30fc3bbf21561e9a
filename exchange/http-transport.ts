import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Agent, request, type Dispatcher } from 'undici';
import { errorReason } from './network-reason.js';

/** One whole answer. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; the first value of a header that came more than once. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Decompressed. */
  readonly body: string;
}

/** Thrown when no whole answer came: refused, reset, name not found, TLS, timed out, garbled. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

export interface HttpTransport {
  /** @throws NoAnswer */
  get(url: string): Promise<HttpAnswer>;
  /** Ends what is under way with NoAnswer. */
  close(): Promise<void>;
}

export interface HttpTransportOptions {
  /** Most sockets. */
  readonly connections: number;
  /** For one answer from connecting to the last byte of its body, ms. */
  readonly timeoutMs: number;
}

/** Idle sockets are kept this long, ms, unless the server announces less. */
const KEEP_ALIVE_MS = 30_000;

/** More than any real listing by far; a body that grows beyond it is broken. Bytes. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

const REQUEST_HEADERS = {
  accept: 'application/json',
  'accept-encoding': 'gzip, deflate, br',
  'user-agent': 'm1-market-data-collector',
};

const DECODERS = new Map([
  ['gzip', promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)],
  ['deflate', promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate)],
  ['br', promisify<Buffer, { maxOutputLength: number }, Buffer>(brotliDecompress)],
]);

/** Kept-alive HTTP that follows no redirect and never retries. */
export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const { connections, timeoutMs } = options;
  const agent = new Agent({
    connections,
    connect: { timeout: timeoutMs },
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_BODY_BYTES,
    // One clock bounds the whole answer, see `get`; these would bound its parts.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    get: (url) => within(timeoutMs, (signal) => wholeAnswer(agent, url, signal)),
    close: () => agent.destroy(),
  };
}

/**
 * The race is needed beside the signal: undici notices an abort only once the socket is connected,
 * and a connection attempt can hang as well.
 */
async function within(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const late = new NoAnswer(`no whole answer within ${timeoutMs / 1000} s`);
      controller.abort(late);
      reject(late);
    }, timeoutMs);
  });
  try {
    return await Promise.race([expiry, work(controller.signal)]);
  } finally {
    clearTimeout(timer);
  }
}

async function wholeAnswer(
  dispatcher: Dispatcher,
  url: string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  try {
    const response = await request(url, { dispatcher, signal, headers: REQUEST_HEADERS });
    const headers: Record<string, string | undefined> = {};
    for (const [name, value] of Object.entries(response.headers)) {
      headers[name] = Array.isArray(value) ? value[0] : value;
    }
    const body = await readBody(response.body, headers['content-encoding']);
    return { status: response.statusCode, headers, body };
  } catch (error) {
    if (error instanceof NoAnswer || !(error instanceof Error)) throw error;
    throw new NoAnswer(errorReason(error), { cause: error });
  }
}

async function readBody(
  body: Dispatcher.ResponseData['body'],
  encoding: string | undefined,
): Promise<string> {
  const name = encoding?.trim().toLowerCase();
  if (name === undefined || name === '' || name === 'identity') return body.text();
  const decode = DECODERS.get(name);
  const bytes = Buffer.from(await body.arrayBuffer());
  if (decode === undefined) throw new NoAnswer(`unknown content encoding ${name.slice(0, 20)}`);
  const decoded = await decode(bytes, { maxOutputLength: MAX_BODY_BYTES });
  return decoded.toString('utf8');
}
