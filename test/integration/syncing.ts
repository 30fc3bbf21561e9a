import { expect } from 'vitest';
import { until } from '../stack/until.js';
import type { Collector } from './collector.js';

/** What `m1 sync status --json` prints. */
export interface SyncDocument {
  readonly set: unknown;
  readonly timeframes: readonly {
    readonly timeframe: string;
    readonly paused: boolean;
    readonly last: {
      readonly workflow_id: string;
      readonly status: string;
      readonly reason: string | null;
    } | null;
    readonly result: Readonly<Record<string, unknown>> | null;
    readonly next: string | null;
    readonly missed: { readonly while_down: number; readonly still_running: number };
  }[];
}

export async function startSync(
  collector: Collector,
  args: readonly string[],
): Promise<{ stdout: string; stderr: string }> {
  const { code, ...texts } = await collector.m1(['sync', 'start', ...args]);
  expect(code, texts.stderr).toBe(0);
  return texts;
}

export async function syncStatus(collector: Collector): Promise<SyncDocument> {
  const { code, stdout, stderr } = await collector.m1(['sync', 'status', '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as SyncDocument;
}

/** Resolves when every timeframe has come to the end of a run that `before` did not know. */
export async function syncedAfter(
  collector: Collector,
  before?: SyncDocument,
): Promise<SyncDocument> {
  return until('a sync of every timeframe', async () => {
    const document = await syncStatus(collector);
    const ended = document.timeframes.every(({ timeframe, last }) => {
      const known = before?.timeframes.find((one) => one.timeframe === timeframe)?.last;
      return last !== null && last.status !== 'running' && last.workflow_id !== known?.workflow_id;
    });
    return ended ? document : undefined;
  });
}

/** Windows that were asked for more than once. */
export function askedTwice({ simulator }: Collector): string[] {
  const windows = simulator.stats
    .klines()
    .map(({ symbol, interval, start, end }) => [symbol, interval, start, end].join(' '));
  return windows.filter((window, i) => windows.indexOf(window) !== i);
}
