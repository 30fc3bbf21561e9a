import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Refused } from './faults.js';

/** Names of this machine that no other machine's DNS can make its own. */
const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** The header that a form or a link of another site cannot send. */
const PROOF_HEADER = 'x-m1-dashboard';

/** A selection of every pair with its days is about a tenth of it, bytes. */
const MOST_BYTES = 1_000_000;

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"],
    ...["connect-src 'self'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'"],
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export interface SecurityOptions {
  /** The address that the server is bound to; another than this machine's own needs a token. */
  readonly host: string;
  /** What every request to the API must carry; undefined: nothing. */
  readonly token: string | undefined;
}

/**
 * Refuses what must not be answered, before any route sees it:
 * - 403 without a token for a `Host` that is not this server's: another site whose name now leads here
 * - 401 without the token where there is one
 * - 403 for a change that does not prove to come from the page, 415 when it is not JSON, 413 too long
 */
export function security({ host, token }: SecurityOptions): MiddlewareHandler {
  const isOurs = hostCheck(host, token);
  const isAllowed = tokenCheck(token);
  const limit = bodyLimit({
    maxSize: MOST_BYTES,
    onError: (context) => {
      // the rest of it is not read
      context.header('connection', 'close');
      throw new Refused(413, `a request may have at most ${MOST_BYTES} bytes`);
    },
  });
  return async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    if (!isOurs(context.req.header('host') ?? '')) {
      throw new Refused(
        403,
        'this name is not the dashboard’s: use the address that m1 printed, or set DASHBOARD_TOKEN',
      );
    }
    if (!isApi(context)) return next();
    context.header('cache-control', 'no-store');
    if (!isAllowed(context.req.header('authorization') ?? '')) {
      context.header('www-authenticate', 'Bearer');
      throw new Refused(401, 'the token is missing or wrong: send the value of DASHBOARD_TOKEN');
    }
    if (context.req.method === 'GET') return next();
    refuseForeign(context);
    return limit(context, next);
  };
}

function isApi({ req }: Context): boolean {
  return req.path === '/api' || req.path.startsWith('/api/');
}

/**
 * The API wants the token of whoever comes, under any name: that of a proxy, or one of the addresses that
 * the server is bound to and does not know.
 */
function hostCheck(bound: string, token: string | undefined): (host: string) => boolean {
  if (token !== undefined) return (host) => host !== '';
  const own = isIP(bound) === 6 ? `[${bound}]` : bound.toLowerCase();
  const names = [...LOOPBACK_NAMES, own];
  return (host) => names.includes(host.toLowerCase().replace(/:\d{1,5}$/, ''));
}

function tokenCheck(token: string | undefined): (header: string) => boolean {
  if (token === undefined) return () => true;
  const wanted = digest(`Bearer ${token}`);
  // equal lengths: the time tells nothing of the token
  return (header) => timingSafeEqual(digest(header), wanted);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** @throws Refused for a change that another site may have made a browser ask for */
function refuseForeign({ req }: Context): void {
  const site = req.header('sec-fetch-site');
  const origin = req.header('origin');
  const host = req.header('host');
  const isSame = site === undefined ? origin !== undefined : site === 'same-origin';
  const fromHere = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
  if (!isSame || !fromHere || req.header(PROOF_HEADER) !== '1') {
    throw new Refused(403, 'a change must come from the dashboard’s own page');
  }
  if (req.method !== 'POST') throw new Refused(405, 'changes are made by POST');
  const type = req.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new Refused(415, 'a change is asked for in JSON: content-type: application/json');
  }
}
