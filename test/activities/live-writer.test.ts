import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LiveWriter } from '../../activities/stream/live-writer.js';
import { GiveUpRun, RetryNow, ServerAway } from '../../domain/failure.js';
import type { LiveCandle } from '../../domain/live-candle.js';
import type { Series } from '../../domain/series.js';
import { liveCandle, numbers, ORIGIN, SERIES } from '../storage/pages.js';
import { eventually } from '../stack/eventually.js';
import { endsAtOnce } from './ends-at-once.js';
import { ScriptedLiveStore } from './scripted-live-store.js';

const NEVER = new AbortController().signal;
/** Candles that may wait, and that go into one transaction. */
const MOST_WAITING = 35_000;
const BATCH = 3_500;

function writerInto(store: ScriptedLiveStore) {
  const told = {
    stored: [] as LiveCandle[],
    handedOver: [] as number[],
    away: [] as string[],
    back: 0,
    givenUp: 0,
    faults: [] as unknown[],
  };
  const writer = new LiveWriter({
    store,
    origin: ORIGIN,
    onStored: (candles) => told.stored.push(...candles),
    onHandedOver: (gaps) => told.handedOver.push(gaps),
    onAway: (reason) => told.away.push(reason),
    onBack: () => told.back++,
    onGivenUp: () => told.givenUp++,
    onFault: (error) => told.faults.push(error),
  });
  onTestFinished(() => writer.drain(AbortSignal.abort()));
  return { writer, told };
}

function away(): never {
  throw new ServerAway('the database is away');
}

/** Calls of the store wait until the function that is returned is called. */
function hold(store: ScriptedLiveStore): () => void {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  store.before = () => opened;
  return () => {
    store.before = () => undefined;
    open();
  };
}

describe('closed candles', () => {
  it('of one turn of the event loop are stored together, and then what came meanwhile', async () => {
    const store = new ScriptedLiveStore();
    const { writer, told } = writerInto(store);
    const release = hold(store);
    const candles = numbers(0, 5).map((index) => liveCandle(index));
    for (const candle of candles.slice(0, 3)) writer.offer(candle);
    await eventually(() => expect(store.calls).toEqual(['store']));
    for (const candle of candles.slice(3)) writer.offer(candle);
    release();
    await writer.drain(NEVER);
    expect(store.stored).toEqual([candles.slice(0, 3), candles.slice(3)]);
    expect(told.stored).toEqual(candles);
  });

  it('that come twice are stored once, with the greater volume', async () => {
    const store = new ScriptedLiveStore();
    const { writer } = writerInto(store);
    const full = liveCandle(7, { more: 5 });
    writer.offer(liveCandle(7));
    writer.offer(full);
    writer.offer(liveCandle(7, { more: 1 }));
    await writer.drain(NEVER);
    expect(store.stored).toEqual([[full]]);
  });

  it('that come again with more volume while they are being stored are stored again', async () => {
    const store = new ScriptedLiveStore();
    const { writer } = writerInto(store);
    const release = hold(store);
    writer.offer(liveCandle(7));
    await eventually(() => expect(store.calls).toEqual(['store']));
    const full = liveCandle(7, { more: 5 });
    writer.offer(full);
    release();
    await writer.drain(NEVER);
    expect(store.stored).toEqual([[liveCandle(7)], [full]]);
  });

  it('are stored before anything is handed over, whichever came first', async () => {
    const store = new ScriptedLiveStore();
    const { writer, told } = writerInto(store);
    store.gaps = 3;
    const release = hold(store);
    writer.handOver([SERIES], 1_000);
    writer.offer(liveCandle(1));
    await eventually(() => expect(store.calls).toHaveLength(1));
    writer.handOver([SERIES, { ...SERIES, timeframe: '1h' }], 2_000);
    writer.offer(liveCandle(2));
    release();
    await writer.drain(NEVER);
    expect(store.calls).toEqual(['store', 'store', 'hand over']);
    // the later hand-over of a series includes the earlier one
    expect(store.handedOver).toEqual([
      [
        { ...SERIES, untilMs: 2_000 },
        { ...SERIES, timeframe: '1h', untilMs: 2_000 },
      ],
    ]);
    expect(told.handedOver).toEqual([3]);
  });

  it('are stored also when they come just as the writer comes to rest', async () => {
    for (let microtasks = 0; microtasks < 15; microtasks++) {
      const store = new ScriptedLiveStore();
      const { writer } = writerInto(store);
      store.before = () => {
        store.before = () => undefined;
        void later(microtasks).then(() => writer.offer(liveCandle(2)));
      };
      writer.offer(liveCandle(1));
      for (let i = 0; i < 10; i++) await nextTurn();
      expect(store.stored.flat(), `${microtasks} microtasks later`).toHaveLength(2);
    }
  });
});

async function later(microtasks: number): Promise<void> {
  for (let i = 0; i < microtasks; i++) await Promise.resolve();
}

describe('a database that is away', () => {
  it('is told once and waited for; all is stored in order when it is back', async () => {
    const store = new ScriptedLiveStore();
    const { writer, told } = writerInto(store);
    store.before = away;
    writer.offer(liveCandle(1));
    writer.handOver([SERIES], 1_000);
    await eventually(() => expect(store.calls).toHaveLength(2));
    writer.offer(liveCandle(2));
    store.before = () => undefined;
    await eventually(() => expect(told.handedOver).toHaveLength(1));
    expect(store.stored).toEqual([[liveCandle(1), liveCandle(2)]]);
    expect(told).toMatchObject({ away: ['the database is away'], back: 1, givenUp: 0 });
    // the second absence is told again
    store.before = away;
    writer.handOver([SERIES], 2_000);
    await eventually(() => expect(told.away).toHaveLength(2));
  });

  it('that a person must mend is waited for like one that is away: a full disk', async () => {
    const store = new ScriptedLiveStore();
    const { writer, told } = writerInto(store);
    let full = true;
    store.before = () => {
      if (full) throw new GiveUpRun('the disk is full: make room');
    };
    writer.offer(liveCandle(1));
    await eventually(() => expect(told.away).toEqual(['the disk is full: make room']));
    writer.offer(liveCandle(2));
    full = false;
    await eventually(() => expect(told.stored).toEqual([liveCandle(1), liveCandle(2)]));
    expect(told).toMatchObject({ back: 1, faults: [] });
  });

  it('does not become unbounded memory: the oldest candles are given up and counted', async () => {
    const store = new ScriptedLiveStore();
    const { writer, told } = writerInto(store);
    store.before = away;
    writer.offer(liveCandle(0));
    await eventually(() => expect(told.away).toHaveLength(1));
    for (const index of numbers(1, MOST_WAITING + 10)) writer.offer(liveCandle(index));
    expect(told.givenUp).toBe(10);
    store.before = () => undefined;
    await writer.drain(NEVER);
    expect(told.stored).toHaveLength(MOST_WAITING);
    expect(told.stored[0]).toEqual(liveCandle(10));
    expect(Math.max(...store.stored.map((batch) => batch.length))).toBe(BATCH);
  });

  it('is asked again at once when it undid a transaction in favour of another', async () => {
    const store = new ScriptedLiveStore();
    const { writer, told } = writerInto(store);
    let failures = 3;
    store.before = () => {
      if (failures-- > 0) throw new RetryNow('deadlock');
    };
    writer.offer(liveCandle(1));
    await endsAtOnce(writer.drain(NEVER));
    expect(store.calls).toHaveLength(4);
    expect(told).toMatchObject({ stored: [liveCandle(1)], away: [], back: 0 });
  });
});

describe('the end', () => {
  it('stores all that was accepted before, over a database that is away for a moment', async () => {
    const store = new ScriptedLiveStore();
    const { writer, told } = writerInto(store);
    let failures = 1;
    store.before = () => {
      if (failures-- > 0) away();
    };
    const candles = numbers(0, 40).map((index) => liveCandle(index));
    for (const candle of candles) writer.offer(candle);
    writer.handOver([SERIES], 9_000);
    await writer.drain(NEVER);
    expect(told.stored).toEqual(candles);
    expect(told.handedOver).toEqual([0]);
  });

  it('gives up at once when its time is over', async () => {
    const store = new ScriptedLiveStore();
    const { writer, told } = writerInto(store);
    store.before = away;
    writer.offer(liveCandle(1));
    const limit = new AbortController();
    const drained = writer.drain(limit.signal);
    await eventually(() => expect(told.away).toHaveLength(1));
    limit.abort();
    await endsAtOnce(drained);
    store.before = () => undefined;
    writer.offer(liveCandle(2));
    for (let i = 0; i < 5; i++) await nextTurn();
    expect(store.stored).toEqual([]);
  });

  it('does not wait longer than it may for a database that does not answer', async () => {
    const store = new ScriptedLiveStore();
    const { writer } = writerInto(store);
    store.before = () => new Promise(() => undefined);
    writer.offer(liveCandle(1));
    // nothing but this limit can end it
    await writer.drain(AbortSignal.timeout(50));
  });

  it('of its own by what nobody foresaw is told once', async () => {
    const store = new ScriptedLiveStore();
    const { writer, told } = writerInto(store);
    const fault = new TypeError('a bug');
    store.before = () => {
      throw fault;
    };
    writer.offer(liveCandle(1));
    await eventually(() => expect(told.faults).toEqual([fault]));
    const hourly: Series = { symbol: 'BTCUSDT', timeframe: '1h' };
    writer.offer(liveCandle(2));
    writer.handOver([hourly], 1_000);
    await writer.drain(NEVER);
    expect(store.calls).toEqual(['store']);
    expect(told.faults).toHaveLength(1);
  });
});
