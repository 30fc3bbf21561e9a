import type { Context } from 'hono';
import { z } from 'zod';
import { isSymbolName } from '../domain/series.js';
import { TIMEFRAMES } from '../domain/timeframe.js';
import { Refused } from './faults.js';

/** No candle of any market lies beyond, ms. */
export const END_OF_TIME_MS = Date.UTC(9999, 0, 1);

export const symbolSchema = z
  .string()
  .refine(isSymbolName, 'must be a symbol as ByBit writes it, such as BTCUSDT');

export const timeframeSchema = z.enum(TIMEFRAMES);

export const timeSchema = z.number().int().min(0).max(END_OF_TIME_MS);

/** Digits as the address of a request has them. */
export function numberText(schema: z.ZodNumber) {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(schema);
}

/** The query of a request. @throws Refused with 400 for what does not fit */
export function queryOf<T>(context: Context, schema: z.ZodType<T>): T {
  return checked(schema, context.req.query());
}

/** The JSON that a request brings. @throws Refused with 400 for what does not fit */
export async function bodyOf<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const body: unknown = await context.req.json().catch(() => {
    throw new Refused(400, 'the request is no JSON');
  });
  return checked(schema, body);
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new Refused(400, [...new Set(faults)].slice(0, 3).join('; '));
}
