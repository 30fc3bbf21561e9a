import { z } from 'zod';
import { TIMEFRAMES, isTimeframe, timeframeMs, type Timeframe } from '../domain/timeframe.js';
import { DURATION_FORM, parseDurationMs } from './duration.js';

/** Values of these never appear in a message: they are secrets, or addresses that may hold one. */
const SECRET = new Set([
  'ALERT_WEBHOOK_URL',
  'BYBIT_API_KEY',
  'BYBIT_API_SECRET',
  'BYBIT_REST_URL',
  'BYBIT_WS_URL',
  'DASHBOARD_TOKEN',
  'POSTGRES_PASSWORD',
  'REDIS_PASSWORD',
]);

/** The most requests in any 5 s that the venue allows one IP. */
const VENUE_RATE_LIMIT = 600;

const DAY_MS = 86_400_000;

const text = z.string();

function wholeNumber(min: number, max: number) {
  return text.transform((value, context) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (number >= min && number <= max) return number;
    context.addIssue(`must be a whole number from ${min} to ${max}`);
    return z.NEVER;
  });
}

function oneOf<const T extends string>(values: readonly T[]) {
  return text.transform((value, context) => {
    const found = values.find((known) => known === value.toLowerCase());
    if (found !== undefined) return found;
    context.addIssue(`must be ${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`);
    return z.NEVER;
  });
}

function url(...protocols: string[]) {
  return text.transform((value, context) => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (parsed !== undefined && protocols.includes(parsed.protocol) && parsed.hostname !== '') {
      return value.replace(/\/+$/, '');
    }
    context.addIssue(
      `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    );
    return z.NEVER;
  });
}

const port = wholeNumber(1, 65_535);

const flag = oneOf(['true', 'false', '1', '0', 'yes', 'no']).transform((value) =>
  ['true', '1', 'yes'].includes(value),
);

const duration = text.transform((value, context) => {
  const durationMs = parseDurationMs(value);
  if (durationMs !== undefined) return durationMs;
  context.addIssue(`must be ${DURATION_FORM}`);
  return z.NEVER;
});

/** `5m,1d`: each interval at least as long as the one before it. */
const reaskIntervals = text.transform((value, context) => {
  const intervalsMs = value.split(',').map(parseDurationMs);
  const known = intervalsMs.filter((intervalMs) => intervalMs !== undefined);
  const rising = known.every((intervalMs, i) => intervalMs >= (known[i - 1] ?? 0));
  if (known.length === intervalsMs.length && rising && known.length <= 10) return known;
  context.addIssue('must be 1 to 10 rising durations joined by commas, such as 5m,1d');
  return z.NEVER;
});

/** `none`, or `5m=30d,15m=365d`: how long candles of a timeframe are kept. */
const retention = text.transform((value, context) => {
  const keepMs = new Map<Timeframe, number>();
  if (value.toLowerCase() === 'none') return keepMs;
  for (const rule of value.split(',')) {
    const [timeframe = '', span = '', ...rest] = rule.split('=').map((part) => part.trim());
    const spanMs = parseDurationMs(span);
    if (!isTimeframe(timeframe) || spanMs === undefined || rest.length > 0) {
      context.addIssue(
        `must be none, or rules such as 5m=30d,1h=365d for ${TIMEFRAMES.join(', ')}`,
      );
      return z.NEVER;
    }
    if (spanMs < Math.max(timeframeMs(timeframe), DAY_MS) || keepMs.has(timeframe)) {
      context.addIssue('must name a timeframe once and keep at least 1d of it');
      return z.NEVER;
    }
    keepMs.set(timeframe, spanMs);
  }
  return keepMs;
});

const sourceLabel = text.regex(
  /^[a-z0-9][a-z0-9._-]{0,39}$/,
  'must be 1 to 40 of a-z, 0-9, dot, dash and underscore',
);

/** Every variable that M1 itself reads. The other `TEMPORAL_*` are read by `@temporalio/envconfig`. */
export const variablesSchema = z.object({
  BYBIT_API_KEY: text.optional(),
  BYBIT_API_SECRET: text.optional(),
  BYBIT_TESTNET: flag.optional(),
  BYBIT_REST_URL: url('http:', 'https:').optional(),
  BYBIT_WS_URL: url('ws:', 'wss:').optional(),
  BYBIT_SOURCE: sourceLabel.optional(),
  BYBIT_RATE_LIMIT: wholeNumber(1, VENUE_RATE_LIMIT).default(570),
  BYBIT_BAN_WAIT: duration.default(600_000),
  POSTGRES_HOST: text.optional(),
  POSTGRES_PORT: port.optional(),
  POSTGRES_USER: text.optional(),
  POSTGRES_PASSWORD: text.optional(),
  POSTGRES_DB: text.optional(),
  REDIS_HOST: text.optional(),
  REDIS_PORT: port.optional(),
  REDIS_PASSWORD: text.optional(),
  REDIS_DB: wholeNumber(0, 10_000).optional(),
  TEMPORAL_UI_URL: url('http:', 'https:').optional(),
  GAP_REASK: reaskIntervals.default([300_000, DAY_MS]),
  RETENTION: retention.default(new Map()),
  METRICS_HOST: text.default('127.0.0.1'),
  METRICS_PORT: port.optional(),
  DASHBOARD_HOST: text.default('127.0.0.1'),
  DASHBOARD_PORT: port.default(8080),
  DASHBOARD_TOKEN: text.optional(),
  ALERT_WEBHOOK_URL: url('http:', 'https:').optional(),
  LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_FORMAT: oneOf(['json', 'pretty']).optional(),
  M1_HOME: text.optional(),
});

/** The variables after parsing: units are those of the docs of {@link variablesSchema}, spans in ms. */
export type Variables = z.infer<typeof variablesSchema>;

/** The parsed variables, or one sentence a fault, none of which holds a secret. */
export type ParsedVariables =
  | { readonly ok: true; readonly variables: Variables }
  | { readonly ok: false; readonly faults: readonly string[] };

export function parseVariables(values: Readonly<Record<string, string>>): ParsedVariables {
  const parsed = variablesSchema.safeParse(values);
  if (parsed.success) return { ok: true, variables: parsed.data };
  const faults = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    const value = values[name];
    const shown = SECRET.has(name) || value === undefined ? '' : `, not ${JSON.stringify(value)}`;
    return `${name} ${message}${shown}`;
  });
  return { ok: false, faults };
}
