import { ApplicationFailure } from '@temporalio/common';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BackfillRequest } from '../../domain/backfill.js';
import { FRESHNESS_WORKFLOW_TYPE, type FreshnessReport } from '../../domain/freshness.js';
import { SYNC_WORKFLOW_TYPE, type SyncOutcome, type SyncRequest } from '../../domain/sync.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { TASK_QUEUE } from '../../domain/workflow-names.js';
import { startOrJoinBackfill } from '../../steering/start-run.js';
import { startOrJoinStream } from '../../steering/start-stream.js';
import { freshNamespace } from '../servers/fresh-namespace.js';
import { gate } from './gate.js';
import { ScriptedBackfill } from './scripted-backfill.js';
import { ScriptedStream } from './scripted-stream.js';
import { detailsOf, phaseBecomes } from './seen-by-people.js';
import { workflowsUnderTest, type WorkflowsUnderTest } from './workflows-under-test.js';

const DAY = 86_400_000;

/** The queries of the document by what they are to find. */
const SEARCHES = new Map(
  [
    ...readFileSync('docs/web-ui.md', 'utf8').matchAll(
      /^\| ([^|]+?) +\| `([^`|]*(?:="|!="|> ")[^`|]*)` +\|$/gm,
    ),
  ].map(([, what = '', query = '']) => [what, query]),
);

const FAILING = 'backfill/bybit/BTCUSDT+ETHUSDT/all/1d';
const PAUSED = 'backfill/bybit/SOLUSDT/all/1d';
const RUNNING = 'backfill/bybit/BTCUSDT/all/2d';

/** What each of them finds among the runs below. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  'whatever went wrong since a moment': [
    ...[FAILING, `${FAILING}/BTCUSDT`, 'sync 15m', 'sync 1h', 'freshness'],
  ],
  'all that was done for one symbol': [`${FAILING}/BTCUSDT`, `${RUNNING}/BTCUSDT`],
  'symbols with a failed series': [`${FAILING}/BTCUSDT`],
  'backfills that run, without their symbols': [PAUSED, RUNNING],
  'backfills that are paused': [PAUSED],
  'syncs that failed': ['sync 15m', 'sync 1h'],
  'syncs of a timeframe': ['sync 1h'],
  'streams without data': ['stream/bybit/spot/0'],
};

const HTML = 'HTTP 502: <h1>Bad\nGateway</h1> `nginx`';
const backfill = new ScriptedBackfill();
const stream = new ScriptedStream();
const held = gate();

const activities = {
  planBackfill: backfill.planBackfill,
  backfillSymbol: backfill.backfillSymbol,
  recordFailed: backfill.recordFailed,
  wakeRepair: backfill.wakeRepair,
  planStream: stream.planStream,
  runStream: stream.runStream,
  syncTimeframe: ({ timeframe }: SyncRequest): Promise<SyncOutcome> => {
    if (timeframe === '15m') return Promise.reject(ApplicationFailure.nonRetryable('refused'));
    const failed =
      timeframe === '1h' ? [{ symbol: 'BTCUSDT', timeframe, reason: 'HTTP 502' } as const] : [];
    return Promise.resolve({
      result: {
        ...{ status: failed.length === 0 ? 'done' : 'partial', source: 'bybit', timeframe },
        ...{ venueTimeMs: Date.now(), series: 3, candles: 9, revised: 0, requests: 3, seconds: 1 },
        ...{ behindMs: 0, lagMs: 0, failed, unlisted: [], sealed: [] },
      },
      ...{ newcomers: [], stream: undefined },
    });
  },
  checkFreshness: (): Promise<FreshnessReport> =>
    Promise.resolve({
      ...{ source: 'bybit', series: 1, streamSilentSinceMs: undefined, unreadable: undefined },
      behind: [{ symbol: 'ETHUSDT', timeframe: '5m', newestMs: undefined }],
    }),
  sendAlert: () => Promise.resolve(),
};

let test_: WorkflowsUnderTest;
beforeAll(async () => {
  test_ = await workflowsUnderTest(await freshNamespace(), activities);
});
afterAll(async () => {
  held.open();
  await test_.close();
});

function backfillOf(symbols: readonly string[], days: number) {
  const request: BackfillRequest = {
    ...{ pairs: { kind: 'symbols', symbols }, timeframes: TIMEFRAMES, onlyFailed: false },
    ...{ span: { kind: 'days', days }, dryRun: false },
  };
  return startOrJoinBackfill(test_, request);
}

function started(workflowType: string, workflowId: string, args: unknown[]) {
  return test_.client.workflow.start(workflowType, { workflowId, taskQueue: TASK_QUEUE, args });
}

async function startRuns(): Promise<void> {
  backfill.before = ({ symbol, timeframes }) => {
    if (symbol !== 'BTCUSDT' || !timeframes.includes('5m')) return Promise.resolve();
    const details = [[{ symbol, timeframe: '5m', reason: HTML }]];
    const failure = { type: 'SeriesFailed', nonRetryable: true, details };
    return Promise.reject(ApplicationFailure.create(failure));
  };
  const failing = test_.client.workflow.getHandle(
    (await backfillOf(['BTCUSDT', 'ETHUSDT'], 1)).workflowId,
  );
  await failing.result();
  // a gateway's page must be read, not rendered
  const shown = "Failed: BTCUSDT 5m: `HTTP 502: <h1>Bad Gateway</h1> 'nginx'`";
  expect(await detailsOf(failing)).toContain(shown);

  backfill.before = () => held.opened;
  await backfillOf(['BTCUSDT'], 2);
  const paused = test_.client.workflow.getHandle((await backfillOf(['SOLUSDT'], 1)).workflowId);
  await paused.executeUpdate('pause');
  stream.beforeLive = () => held.opened;
  await startOrJoinStream(test_, { kind: 'symbols', symbols: ['BTCUSDT'] });

  const set = { pairs: { kind: 'top', count: 3 }, days: 30, withStream: false } as const;
  const ending = await Promise.all([
    ...(['5m', '15m', '1h'] as const).map((timeframe) =>
      started(SYNC_WORKFLOW_TYPE, `sync ${timeframe}`, [{ ...set, timeframe }]),
    ),
    started(FRESHNESS_WORKFLOW_TYPE, 'freshness', []),
  ]);
  await Promise.allSettled(ending.map((run) => run.result()));
  await phaseBecomes(paused, 'paused');
}

async function found(query: string): Promise<string[]> {
  const yesterday = new Date(Date.now() - DAY).toISOString();
  const ids: string[] = [];
  const runs = test_.client.workflow.list({ query: query.replace(/\d{4}-[\dT:-]+Z/, yesterday) });
  for await (const { workflowId } of runs) ids.push(workflowId);
  return ids.sort();
}

it('the searches of docs/web-ui.md find what they say, and nothing else', async () => {
  await startRuns();
  expect([...SEARCHES.keys()].sort()).toEqual(Object.keys(FOUND).sort());
  for (const [what, query] of SEARCHES) {
    // the index of runs is a moment behind
    await expect
      .poll(() => found(query), { message: what, timeout: 90_000 })
      .toEqual(FOUND[what]?.toSorted());
  }
});
