import { describe, expect, it } from 'vitest';
import { chooseRun } from '../../cli/runs/choose-run.js';
import type { ListedRun } from '../../domain/listed-run.js';

function run(id: string, status: string): ListedRun {
  return {
    ...{ workflowId: id, runId: `${id} ${status}`, kind: 'backfill', status },
    ...{ phase: undefined, startedAtMs: 0, closedAtMs: undefined },
  };
}

const RUNS = [
  run('backfill/bybit/top200/all/90d', 'running'),
  run('backfill/bybit/top20/5m/1d', 'completed'),
  run('backfill/bybit/top20/all/90d', 'running'),
  run('backfill/bybit/top20/all/90d', 'failed'),
  run('backfill/bybit/BTCUSDT/all/90d', 'completed'),
  run('sync/bybit/5m-2026-11-20T10:05:00Z', 'completed'),
  run('sync/bybit/5m-2026-11-20T10:00:00Z', 'completed'),
];

const fitting = (text: string): ListedRun[] =>
  RUNS.filter(({ workflowId }) =>
    workflowId.replace('backfill/bybit/', '').startsWith(text.replace('backfill/bybit/', '')),
  );

describe('the run that a beginning means', () => {
  const choose = (text: string, runningFirst: boolean): string =>
    chooseRun(text, fitting(text), { runningFirst }).runId;

  it.each([
    ['top20', true, 'backfill/bybit/top20/all/90d running'],
    ['backfill/bybit/top20', true, 'backfill/bybit/top20/all/90d running'],
    ['top20/5m', true, 'backfill/bybit/top20/5m/1d completed'],
    ['top200', false, 'backfill/bybit/top200/all/90d running'],
    ['BTC', true, 'backfill/bybit/BTCUSDT/all/90d completed'],
    ['sync/bybit/5m', false, 'sync/bybit/5m-2026-11-20T10:05:00Z completed'],
  ])('%s, running first: %s', (text, runningFirst, runId) => {
    expect(choose(text, runningFirst)).toBe(runId);
  });

  it.each([
    [
      'top20',
      false,
      '"top20" fits 2 runs: backfill/bybit/top20/5m/1d, backfill/bybit/top20/all/90d',
    ],
    ['top2', true, /^"top2" fits 2 runs: \S+\/top200\S+ \S+\/top20\/all\/90d$/],
    ['top3', true, 'there is no run "top3": m1 runs list shows them'],
  ])('%s, running first: %s: refused', (text, runningFirst, message) => {
    expect(() => choose(text, runningFirst)).toThrow(message);
  });
});
