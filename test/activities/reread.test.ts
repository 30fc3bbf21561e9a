import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Reread } from '../../activities/stream/reread.js';
import type { Closes } from '../../domain/close-watch.js';
import {
  GiveUpRun,
  GiveUpSymbol,
  RetryNow,
  RetrySoon,
  ServerAway,
  WaitUntil,
} from '../../domain/failure.js';
import { PAGE_CANDLES } from '../../domain/page.js';
import { TIMEFRAMES, timeframeMs } from '../../domain/timeframe.js';
import { ORIGIN } from '../storage/pages.js';
import { eventually } from '../stack/eventually.js';
import { endsAtOnce } from './ends-at-once.js';
import { ScriptedLiveStore } from './scripted-live-store.js';
import { candlesAt, ScriptedVenue, untilGivenUp } from './scripted-venue.js';

const NEVER = new AbortController().signal;
const FIVE = timeframeMs('5m');
/** Every timeframe closes here. */
const MIDNIGHT = Date.UTC(2026, 1, 16);
const DOUBT_MS = 30_000;

afterEach(() => {
  vi.useRealTimers();
});

function rereading(symbols: readonly string[] = ['A']) {
  const venue = new ScriptedVenue(MIDNIGHT + 60_000);
  const store = new ScriptedLiveStore();
  const told = {
    missed: [] as string[],
    revised: 0,
    trouble: [] as string[],
    faults: [] as unknown[],
  };
  const reread = new Reread({
    ...{ venue, store, origin: ORIGIN, symbols },
    nowMs: Date.now,
    onMissed: ({ symbol, timeframe }, times) =>
      told.missed.push(`${symbol} ${timeframe} ${times.length}`),
    onRevised: (count) => (told.revised += count),
    onTrouble: (reason) => told.trouble.push(reason),
    onFault: (error) => told.faults.push(error),
  });
  onTestFinished(() => reread.close(AbortSignal.abort()));
  /** The close so many times five minutes after midnight, by the venue's clock too. */
  const close = (index: number): void => {
    venue.nowMs = MIDNIGHT + index * FIVE + 60_000;
    reread.closed(closeAt(index));
  };
  return { reread, venue, store, told, close };
}

function closeAt(index: number): Closes {
  return { afterMs: MIDNIGHT + (index - 1) * FIVE, untilMs: MIDNIGHT + index * FIVE };
}

/** Resolves when nothing is under way. */
async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await nextTurn();
}

describe('each close', () => {
  it('is asked for once, all series of a symbol in one pass', async () => {
    const { venue, store, close } = rereading(['A', 'B']);
    close(0);
    await settle();
    expect(venue.asked).toHaveLength(10);
    for (const symbol of ['A', 'B']) {
      const asked = venue.asked.filter((each) => each.symbol === symbol);
      expect(asked.map(({ timeframe }) => timeframe)).toEqual([...TIMEFRAMES]);
      for (const { timeframe, window } of asked) {
        expect(window).toEqual({ fromMs: MIDNIGHT - timeframeMs(timeframe), toMs: MIDNIGHT });
      }
    }
    expect(store.pages.map(({ page }) => page.closed.openTimeMs.length)).toEqual(
      Array.from({ length: 10 }, () => 1),
    );
    close(1);
    await settle();
    expect(venue.order.slice(10)).toEqual(['A 5m', 'B 5m']);
    expect(venue.asked.at(-1)?.window).toEqual({ fromMs: MIDNIGHT, toMs: MIDNIGHT + FIVE });
  });

  it('is asked for of 24 symbols at once', async () => {
    const symbols = Array.from({ length: 60 }, (_, i) => `S${i}`);
    const { venue, close } = rereading(symbols);
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    venue.before = () => answered;
    close(1);
    await settle();
    expect(venue.underWay).toBe(24);
    close(2);
    answer();
    await settle();
    expect(venue.underWay).toBe(0);
    expect(venue.mostUnderWay).toBe(24);
    // those that were asked before the second close are asked again, the others have both in one
    const last = new Map(venue.asked.map(({ symbol, window }) => [symbol, window.toMs]));
    expect(new Set(last.values())).toEqual(new Set([MIDNIGHT + 2 * FIVE]));
    expect(last.size).toBe(60);
    expect(venue.asked.length).toBeLessThan(120);
  });

  it('tells what the stream had missed, and what it had wrong', async () => {
    const { store, told, close } = rereading();
    store.judge = ({ page }) => ({ addedMs: [...page.closed.openTimeMs], revised: 2 });
    close(1);
    await settle();
    expect(told).toMatchObject({ missed: ['A 5m 1'], revised: 2, trouble: [], faults: [] });
  });
});

describe('what could not be read', () => {
  it('is asked for with the next close, and not before', async () => {
    const { venue, told, close } = rereading(['A', 'B']);
    venue.before = ({ symbol, timeframe }) => {
      if (symbol === 'A' && timeframe !== '15m') throw new RetrySoon('HTTP 500');
    };
    close(0);
    await settle();
    expect(venue.asked).toHaveLength(10);
    expect(told.trouble).not.toEqual([]);
    venue.before = () => undefined;
    close(1);
    await settle();
    expect(venue.asked.slice(10).map(({ symbol, timeframe }) => `${symbol} ${timeframe}`)).toEqual(
      expect.arrayContaining(['A 5m', 'A 1h', 'A 4h', 'A 1d', 'B 5m']),
    );
    expect(venue.asked).toHaveLength(15);
    const again = venue.asked.slice(10).find((each) => each.symbol === 'A');
    expect(again?.window).toEqual({ fromMs: MIDNIGHT - FIVE, toMs: MIDNIGHT + FIVE });
    close(2);
    await settle();
    expect(venue.asked).toHaveLength(17);
  });

  it('never grows beyond one page', async () => {
    const { venue, close } = rereading();
    venue.before = () => {
      throw new RetrySoon('HTTP 500');
    };
    const closes = PAGE_CANDLES + 20;
    for (let index = 1; index <= closes; index++) close(index);
    await settle();
    venue.before = () => undefined;
    close(closes + 1);
    await settle();
    const { window } = venue.asked.findLast(({ timeframe }) => timeframe === '5m') ?? {};
    expect(window?.toMs).toBe(MIDNIGHT + (closes + 1) * FIVE);
    expect(((window?.toMs ?? 0) - (window?.fromMs ?? 0)) / FIVE).toBe(PAGE_CANDLES);
  });

  it('is also a candle that the clock of the answer held for open', async () => {
    const { venue, close, reread } = rereading();
    venue.nowMs = MIDNIGHT + FIVE + 1_000;
    reread.closed(closeAt(1));
    await settle();
    expect(venue.asked).toHaveLength(1);
    close(2);
    await settle();
    expect(venue.asked[1]?.window).toEqual({ fromMs: MIDNIGHT, toMs: MIDNIGHT + 2 * FIVE });
    close(3);
    await settle();
    expect(venue.asked[2]?.window).toEqual({
      fromMs: MIDNIGHT + 2 * FIVE,
      toMs: MIDNIGHT + 3 * FIVE,
    });
  });

  it('waits as long as the venue says, with everything else', async () => {
    const { venue, told, close } = rereading();
    const untilMs = Date.now() + 400;
    venue.before = ({ timeframe }) => {
      if (timeframe === '5m') throw new WaitUntil('too many visits', untilMs);
    };
    close(0);
    await eventually(() => expect(venue.asked).toHaveLength(5));
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs - 1);
    const [first, second] = venue.asked;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(350);
    expect(told).toMatchObject({ trouble: ['too many visits'], faults: [] });
  });

  it.each([new ServerAway('the database is away'), new GiveUpRun('HTTP 403: region')])(
    'pauses everything for two seconds after $name',
    async (error) => {
      const { venue, told, close } = rereading();
      venue.before = () => {
        venue.before = () => undefined;
        throw error;
      };
      close(0);
      await eventually(() => expect(venue.asked).toHaveLength(5));
      const [first, second] = venue.asked;
      expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(1_950);
      expect(told).toMatchObject({ trouble: [error.message], faults: [] });
    },
  );

  it('never waits shorter than the venue says because something else failed too', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: MIDNIGHT });
    const { venue, close } = rereading(['A', 'B', 'C']);
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    venue.before = ({ symbol }) => {
      if (symbol === 'A') throw new WaitUntil('banned', MIDNIGHT + 600_000);
      if (symbol === 'B') throw new ServerAway('the budget cannot be had');
      return answered;
    };
    close(0);
    await settle();
    vi.setSystemTime(MIDNIGHT + 3_000);
    answer();
    await settle();
    expect(venue.order).toEqual(['A 5m', 'B 5m', 'C 5m']);
  });

  it('of a symbol that the venue refuses is never asked for again, the others are', async () => {
    const { venue, told, close } = rereading(['A', 'B']);
    venue.before = ({ symbol }) => {
      if (symbol === 'A') throw new GiveUpSymbol('Not supported symbols');
    };
    close(0);
    await settle();
    expect(venue.order.filter((each) => each.startsWith('A'))).toEqual(['A 5m']);
    expect(venue.order.filter((each) => each.startsWith('B'))).toHaveLength(5);
    close(1);
    await settle();
    expect(venue.order.slice(6)).toEqual(['B 5m']);
    expect(told.trouble).toEqual(['Not supported symbols']);
  });

  it('is told at most once a minute, however many reasons there are', async () => {
    const { venue, store, told, close } = rereading();
    venue.before = () => {
      throw new RetrySoon('HTTP 500');
    };
    close(0);
    await settle();
    close(1);
    await settle();
    expect(told.trouble).toEqual(['HTTP 500']);
    venue.before = () => undefined;
    store.before = () => {
      throw new RetryNow('deadlock');
    };
    close(2);
    await settle();
    expect(told.trouble).toEqual(['HTTP 500']);
  });

  it('by what nobody foresaw ends the reading, told once', async () => {
    const { venue, told, close } = rereading(['A', 'B']);
    const fault = new TypeError('a bug');
    venue.before = ({ symbol }) => {
      if (symbol === 'A') throw fault;
    };
    close(0);
    await settle();
    const asked = venue.asked.length;
    close(1);
    await settle();
    expect(told.faults).toEqual([fault]);
    expect(venue.asked).toHaveLength(asked);
  });
});

describe('an answer that knows less than what is stored', () => {
  /** A reading whose next page is doubted; its half minute is the test's. */
  function doubting() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const all = rereading();
    const doubted = candlesAt([MIDNIGHT]);
    all.store.judge = () => {
      all.store.judge = () => ({});
      return { doubted };
    };
    return { ...all, doubted };
  }

  it('is asked for again 30 s later, with what it said', async () => {
    const { venue, store, close, doubted } = doubting();
    close(1);
    await settle();
    expect(store.pages[0]?.confirmed).toBeUndefined();
    vi.advanceTimersByTime(DOUBT_MS - 1);
    await settle();
    expect(venue.asked).toHaveLength(1);
    vi.advanceTimersByTime(1);
    await settle();
    expect(venue.asked).toHaveLength(2);
    expect(venue.asked[1]?.window).toEqual({ fromMs: MIDNIGHT, toMs: MIDNIGHT + FIVE });
    expect(store.pages[1]?.confirmed).toEqual(doubted);
    close(2);
    await settle();
    expect(store.pages[2]?.confirmed).toBeUndefined();
  });

  it('keeps what it said while the second asking fails', async () => {
    const { venue, store, close, doubted } = doubting();
    close(1);
    await settle();
    venue.before = () => {
      throw new RetrySoon('HTTP 500');
    };
    vi.advanceTimersByTime(DOUBT_MS);
    await settle();
    venue.before = () => undefined;
    close(2);
    await settle();
    expect(store.pages).toHaveLength(2);
    expect(store.pages[1]?.confirmed).toEqual(doubted);
    expect(store.pages[1]?.page.window).toEqual({ fromMs: MIDNIGHT, toMs: MIDNIGHT + 2 * FIVE });
  });

  it('is not mixed up with a reading of another candle that is under way just then', async () => {
    const { venue, store, close, doubted } = doubting();
    close(1);
    await settle();
    let answer = (): void => undefined;
    venue.before = () => new Promise((resolve) => (answer = resolve));
    close(2);
    await settle();
    venue.before = () => undefined;
    vi.advanceTimersByTime(DOUBT_MS);
    answer();
    await settle();
    const ofDoubt = store.pages.filter(({ confirmed }) => confirmed !== undefined);
    expect(ofDoubt.map(({ page }) => page.window.fromMs)).toEqual([MIDNIGHT]);
    expect(ofDoubt[0]?.confirmed).toEqual(doubted);
  });

  it('is not asked for again once the reading has ended', async () => {
    const { reread, venue, store, close, doubted } = doubting();
    let stored = (): void => undefined;
    store.before = () => new Promise((resolve) => (stored = resolve));
    store.judge = () => ({ doubted });
    close(1);
    await eventually(() => expect(store.calls).toHaveLength(1));
    const closed = reread.close(NEVER);
    stored();
    await closed;
    expect(vi.getTimerCount()).toBe(0);
    expect(venue.asked).toHaveLength(1);
  });
});

describe('the end', () => {
  it('gives up requests under way and those that wait', async () => {
    const symbols = Array.from({ length: 40 }, (_, i) => `S${i}`);
    const { reread, venue, told, close } = rereading(symbols);
    venue.before = (_, options) => untilGivenUp(options);
    close(1);
    await eventually(() => expect(venue.underWay).toBe(24));
    await endsAtOnce(reread.close(NEVER));
    expect(venue.asked).toHaveLength(24);
    expect(told).toMatchObject({ trouble: [], faults: [] });
  });

  it('does not wait for the end of a pause', async () => {
    const { reread, venue, told, close } = rereading();
    venue.before = () => {
      throw new WaitUntil('banned', Date.now() + 600_000);
    };
    close(0);
    await settle();
    await endsAtOnce(reread.close(NEVER));
    expect(venue.asked).toHaveLength(1);
    expect(told.faults).toEqual([]);
  });

  it('does not wait longer than it may for a database that does not answer', async () => {
    const { reread, store, close } = rereading();
    store.before = () => new Promise(() => undefined);
    close(1);
    await eventually(() => expect(store.calls).toHaveLength(1));
    // nothing but this limit can end it
    await reread.close(AbortSignal.timeout(50));
  });
});
