import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import type { FaultRule } from '../../simulator/fault-rule.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import type { CandleRow } from '../../simulator/truth.js';

export const FIVE_MINUTES = 300_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;
/** A Wednesday in the middle of a 5-minute candle. */
export const NOW = Date.parse('2026-03-11T10:07:13Z');
/** Open time of that candle. */
export const OPEN = Date.parse('2026-03-11T10:05:00Z');
/** A midnight long before. */
export const A = Date.parse('2026-03-01T00:00:00Z');
/** The ten candles from there. */
export const WINDOW = { start: A, end: A + 9 * FIVE_MINUTES };

export interface Envelope {
  retCode: number;
  retMsg: string;
  result: { category?: string; symbol?: string; list?: string[][]; nextPageCursor?: string } | null;
  retExtInfo: unknown;
  time: number;
}

const running: Simulator[] = [];

/** A simulator whose market stands still at NOW unless told otherwise. */
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ now: NOW, speed: 0, limit: 0, ...options });
  running.push(simulator);
  return simulator;
}

export async function withFault(rule: FaultRule): Promise<Simulator> {
  const simulator = await start();
  simulator.faults.add(rule);
  return simulator;
}

export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
}

export function get(
  simulator: Simulator,
  path: string,
  query: Record<string, string | number> = {},
  init: RequestInit = {},
): Promise<Response> {
  const entries = Object.entries(query).map(([name, value]) => [name, String(value)]);
  const text = new URLSearchParams(entries as [string, string][]).toString();
  return fetch(`${simulator.url}${path}?${text}`, init);
}

export async function ask(
  simulator: Simulator,
  path: string,
  query: Record<string, string | number> = {},
): Promise<Envelope> {
  return (await (await get(simulator, path, query)).json()) as Envelope;
}

/** The envelope of a kline request for BTCUSDT 5m, unless the query says otherwise. */
export function kline(
  simulator: Simulator,
  query: Record<string, string | number> = {},
): Promise<Envelope> {
  const base = { category: 'spot', symbol: 'BTCUSDT', interval: '5' };
  return ask(simulator, '/v5/market/kline', { ...base, ...query });
}

/** The rows of a good kline answer, newest first. */
export async function rows(
  simulator: Simulator,
  query: Record<string, string | number> = {},
): Promise<string[][]> {
  const envelope = await kline(simulator, query);
  if (envelope.retCode !== 0) throw new Error(`${envelope.retCode} ${envelope.retMsg}`);
  return envelope.result?.list ?? [];
}

/** Open times of rows, in their order. */
export function times(list: readonly (readonly string[] | CandleRow)[]): number[] {
  return list.map((row) => Number(row[0]));
}

/** `count` open times downwards from `newest`. */
export function downFrom(newest: number, count: number, stepMs: number): number[] {
  return Array.from({ length: count }, (_, i) => newest - i * stepMs);
}

export async function post(simulator: Simulator, path: string, body: unknown): Promise<Response> {
  return fetch(`${simulator.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
}
