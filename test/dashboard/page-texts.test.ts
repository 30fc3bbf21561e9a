import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListedRun, TickerUpdate } from '../../dashboard/api.js';
import { reconnectWaitMs } from '../../dashboard/page/api/reconnect-wait.js';
import { SseParser } from '../../dashboard/page/api/sse-parser.js';
import { banText } from '../../dashboard/page/app/ban-text.js';
import { pollWaitMs } from '../../dashboard/page/app/poll-wait.js';
import { parseRoute, routeHash } from '../../dashboard/page/app/router.js';
import { spanText } from '../../dashboard/page/gaps/gap-words.js';
import { AskedOfRun } from '../../dashboard/page/runs/asked-of-run.js';
import { endKind } from '../../dashboard/page/runs/end-kind.js';
import { FollowedRun } from '../../dashboard/page/runs/followed-run.js';
import { parseSymbols } from '../../dashboard/page/runs/parse-symbols.js';
import { paceText, progressText } from '../../dashboard/page/runs/run-words.js';
import { lastEndedFirst } from '../../dashboard/page/runs/last-ended-first.js';
import { symbolFault } from '../../dashboard/page/runs/symbol-fault.js';
import { isStale, orderTickers, sortBy } from '../../dashboard/page/tickers/ticker-order.js';
import { changeText, shortText } from '../../dashboard/page/tickers/ticker-text.js';

describe('SseParser', () => {
  it('finds the same events however the stream is cut', () => {
    const stream =
      ': hello\r\n\r\ndata: {"a":1}\r\n\r\nevent: x\ndata:one\ndata: two\n\nid: 3\n\ndata\n\n';
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
        const ends = [...cuts, stream.length].sort((a, b) => a - b);
        const parser = new SseParser();
        const events = ends.flatMap((end, index) =>
          parser.push(stream.slice(ends[index - 1] ?? 0, end)),
        );
        expect(events).toEqual(['{"a":1}', 'one\ntwo', '']);
      }),
    );
  });
});

describe('waits', () => {
  it('asks a slow server less often, and a lost one again soon', () => {
    expect([pollWaitMs(5_000, 20), pollWaitMs(5_000, 2_000), pollWaitMs(5_000, 30_000)]).toEqual([
      5_000, 6_000, 60_000,
    ]);
    expect([0, 1, 10].map(reconnectWaitMs)).toEqual([500, 1_000, 8_000]);
  });
});

describe('a ban', () => {
  it('is told with its end until that has come', () => {
    const untilMs = Date.UTC(2026, 0, 31, 8, 5);
    expect(banText(untilMs, untilMs - 60_000)).toContain('before 2026-01-31 08:05, for 1 min 0 s');
    expect([banText(untilMs, untilMs), banText(undefined, 0)]).toEqual([undefined, undefined]);
  });
});

describe('routes', () => {
  it('come back as they were written', () => {
    const { view, query } = parseRoute(routeHash('candles', { symbol: 'A&B=?', to: undefined }));
    expect([view, [...query]]).toEqual(['candles', [['symbol', 'A&B=?']]]);
    expect(parseRoute('#/<b>').view).toBe('coverage');
  });
});

describe('runs', () => {
  const progress = {
    share: 0.25,
    symbolsDone: 12,
    symbolsTotal: 50,
    candles: 1_250_000,
    plannedCandles: 5_000_000,
    requests: 1_300,
    failed: [],
    retrying: [],
  };

  it('tell how far they are', () => {
    expect(progressText(progress)).toBe('12 of 50 symbols · 1.3M of 5.0M candles · 1,300 requests');
  });

  it('tell their pace once it is known', () => {
    const pace = { candlesPerSecond: 12_340, requestsPerSecond: 14, secondsLeft: 199.2 };
    expect(paceText(pace)).toBe('12.3k candles/s · about 3 min 20 s left');
    expect(paceText({ ...pace, secondsLeft: undefined })).toBe('12.3k candles/s');
    expect(paceText(undefined)).toBe('');
  });

  it('look like failures only when they failed', () => {
    const kinds = (...all: readonly string[]) => all.map((status) => endKind({ status }));
    expect(kinds('completed', 'stopped', 'cancelled')).toEqual(['good', 'good', 'quiet']);
    expect(kinds('partial', 'alerting')).toEqual(['warn', 'warn']);
    expect(kinds('failed', 'timed out', 'terminated')).toEqual(['bad', 'bad', 'bad']);
  });

  it('take symbols as people type them', () => {
    expect(symbolFault(parseSymbols('btcusdt eth/usdt'))).toBe('ETH/USDT: ByBit writes it ETHUSDT');
    expect(symbolFault(['É'])).toContain('É is no symbol');
    expect([symbolFault(['BTCUSDT']), symbolFault([])]).toEqual([
      undefined,
      'Name at least one symbol, such as BTCUSDT',
    ]);
    expect(parseSymbols(' btcusdt, ETHUSDT+btcusdt ')).toEqual(['BTCUSDT', 'ETHUSDT']);
  });
});

it('lists ended runs by their end', () => {
  const runs = [
    { runId: 'short', startedAtMs: 3, closedAtMs: 4 },
    { runId: 'runs', startedAtMs: 2, closedAtMs: undefined },
    { runId: 'long', startedAtMs: 1, closedAtMs: 5 },
  ] as ListedRun[];
  expect(lastEndedFirst(runs).map(({ runId }) => runId)).toEqual(['long', 'short']);
});

describe('the run that was started last', () => {
  const of = (runId: string, status: string, details?: string): ListedRun =>
    ({
      ...{ workflowId: 'backfill/x', runId, status, details },
      closedAtMs: status === 'running' ? undefined : 5,
    }) as ListedRun;
  const older = of('1', 'failed', 'an older failure');

  it('is told once it has ended, and none of the same name before it', () => {
    let nowMs = 0;
    const followed = new FollowedRun(() => nowMs);
    expect([followed.isEarly, followed.look([older])]).toEqual([false, undefined]);
    followed.follow({ workflowId: 'backfill/x', runId: '2' });
    expect(followed.isEarly).toBe(true);
    expect(followed.look([older])).toBeUndefined();
    expect(followed.look([of('2', 'running'), older])).toBeUndefined();
    // in a new history
    expect(followed.look([of('3', 'running'), older])).toBeUndefined();
    nowMs = 20_000;
    expect(followed.isEarly).toBe(false);
    expect(followed.look([of('3', 'failed'), older])?.text).toBe('backfill/x failed');
    // once: what was said since is newer
    expect(followed.look([of('3', 'failed'), older])).toBeUndefined();
    expect(followed.look([of('3', 'failed', 'no such pair'), older])).toEqual({
      ...{ text: 'backfill/x failed: no such pair', kind: 'bad' },
    });
    expect(followed.look([of('3', 'failed', 'no such pair'), older])).toBeUndefined();
  });
});

describe('what a run is asked for', () => {
  it('is waited for until the run has done it, but not for ever', () => {
    let nowMs = 0;
    const run = (phase: string): ListedRun => ({ phase, status: 'running' }) as ListedRun;
    const asked = new AskedOfRun(() => nowMs);
    asked.ask('pause', run('running'));
    asked.look(run('running'));
    expect(asked.meanwhile).toBe('asked to pause');
    asked.look(run('paused'));
    expect(asked.meanwhile).toBeUndefined();
    // one that is cancelled may go through other phases before it ends
    asked.ask('cancel', run('paused'));
    asked.look(run('running'));
    expect(asked.meanwhile).toBe('asked to stop');
    nowMs = 40_000;
    asked.look(run('running'));
    expect(asked.meanwhile).toBeUndefined();
  });
});

describe('tickers', () => {
  const tickers = [
    ['AUSDT', '9', 3_000],
    ['BUSDT', '10', 1_000],
    ['CUSDC', '10', 2_000],
  ].map(([symbol, lastPrice, updatedAtMs]) => ({ symbol, lastPrice, updatedAtMs }) as TickerUpdate);
  const order = (...given: [Parameters<typeof sortBy>[1], boolean, string]): string =>
    orderTickers(tickers, { column: given[0], descending: given[1] }, given[2])
      .map(({ symbol }) => symbol[0])
      .join('');

  it('are ordered by number, age or name', () => {
    expect(order('lastPrice', true, '')).toBe('BCA');
    expect(order('lastPrice', false, '')).toBe('ABC');
    expect(order('updatedAtMs', true, '')).toBe('BCA');
    expect(order('symbol', true, 'usdt')).toBe('BA');
    expect(sortBy({ column: 'symbol', descending: false }, 'symbol').descending).toBe(true);
    expect(sortBy({ column: 'symbol', descending: false }, 'lastPrice').descending).toBe(true);
  });

  it('are stale after ten seconds', () => {
    expect([isStale(0, 10_000), isStale(0, 10_001)]).toEqual([false, true]);
  });

  it('say when the venue says nothing', () => {
    expect([changeText('0.0125'), changeText('-0.01'), changeText(''), changeText('x')]).toEqual([
      '+1.25 %',
      '−1.00 %',
      '–',
      '–',
    ]);
    expect([shortText('12300000.5'), shortText('')]).toEqual(['12.3M', '–']);
  });
});

describe('spanText', () => {
  it('repeats the date only where it is another one', () => {
    const from = Date.UTC(2026, 0, 31, 8, 5);
    expect(spanText(from, from + 3_600_000)).toBe('2026-01-31 08:05 to 09:05');
    expect(spanText(from, from + 86_400_000)).toBe('2026-01-31 08:05 to 2026-02-01 08:05');
  });
});
