import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { MalformedForm } from '../../simulator/stream-fault-rule.js';
import type { Simulator } from '../../simulator/simulator.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import { eventually } from '../stack/eventually.js';
import { connect, disconnectAll, type Element, type StreamClient } from './stream-client.js';
import { DAY, FIVE_MINUTES, NOW, start, stopAll } from './support.js';

afterEach(async () => {
  disconnectAll();
  await stopAll();
});

const TOPIC = 'kline.5.BTCUSDT';

/** A market whose open candles come every 50 ms. */
function busy(options: SimulatorOptions = {}): Promise<Simulator> {
  return start({ speed: 1, tickerIntervalMs: 50, klineIntervalMs: 50, ...options });
}

/** Waits until so many more messages of a topic have come. */
async function more(stream: StreamClient, topic: string, count = 3): Promise<void> {
  const sofar = stream.of(topic).length;
  await stream.until(() => stream.of(topic).length >= sofar + count);
}

function closings(simulator: Simulator): number {
  return simulator.stream.stats.snapshot().frames.closing;
}

describe('connections', () => {
  it('are dropped, all or one, by id or place, with a code or without', async () => {
    const simulator = await start();
    const streams = [];
    for (let n = 0; n < 4; n++) streams.push(await connect(simulator));
    const [first, second, third, fourth] = streams as [
      StreamClient,
      StreamClient,
      StreamClient,
      StreamClient,
    ];
    const { control, stats } = simulator.stream;
    expect(control.drop({ connection: control.connections()[1] as string })).toBe(1);
    expect(await second.closed()).toBe(1006);
    expect(control.drop({ connection: 0, code: 1001 })).toBe(1);
    expect(await first.closed()).toBe(1001);
    await eventually(() => expect(control.connections().length).toBe(2));
    expect(control.drop()).toBe(2);
    expect([await third.closed(), await fourth.closed()]).toEqual([1006, 1006]);
    await eventually(() => expect(stats.snapshot().connections.now).toBe(0));
    expect(stats.snapshot().connections.list.map(({ closeCode }) => closeCode)).toEqual([
      1001, 1006, 1006, 1006,
    ]);
    expect(() => control.drop({ connection: 7 })).toThrow('no open connection 7');
  });

  it('become half-open: no data, no answer, no close', async () => {
    const simulator = await busy();
    const [silent, other] = [await connect(simulator), await connect(simulator)];
    await silent.subscribe(TOPIC);
    await other.subscribe(TOPIC);
    await more(silent, TOPIC);
    simulator.stream.control.silence({ connection: 0 });
    // what was under way has arrived when the other connection has got later data
    await more(other, TOPIC);
    const before = silent.messages.length;
    let pongs = 0;
    silent.socket.on('pong', () => pongs++);
    silent.socket.ping();
    silent.send({ op: 'ping' });
    silent.socket.close();
    await more(other, TOPIC, 10);
    expect([silent.messages.length, pongs, silent.closeCode]).toEqual([before, 0, undefined]);
    expect(simulator.stream.stats.snapshot().connections.now).toBe(2);
    silent.socket.terminate();
    await eventually(() => expect(simulator.stream.stats.snapshot().connections.now).toBe(1));
  });

  it('that open in a time of silence are half-open, later ones are not', async () => {
    const simulator = await busy();
    simulator.stream.faults.silenceConnections();
    const silent = await connect(simulator);
    silent.send({ op: 'subscribe', args: [TOPIC] });
    simulator.stream.faults.acceptConnections();
    const later = await connect(simulator);
    await later.subscribe(TOPIC);
    await more(later, TOPIC);
    expect(silent.messages).toEqual([]);
    expect(silent.closeCode).toBeUndefined();
  });

  it.each(['status503', 'destroy'] as const)('are refused (%s) until accepted', async (form) => {
    const simulator = await start();
    const old = await connect(simulator);
    simulator.stream.faults.refuseConnections(undefined, form);
    const refused = await connect(simulator);
    expect(refused.closeCode).toBe(1006);
    expect((await old.ask({ op: 'ping' })).success).toBe(true);
    simulator.control.reset(['faults']);
    const accepted = await connect(simulator);
    expect((await accepted.ask({ op: 'ping' })).success).toBe(true);
    const { attempts } = simulator.stream.stats.snapshot();
    expect(attempts.map(({ accepted: ok }) => ok)).toEqual([true, false, true]);
    const moments = attempts.map(({ atMs }) => atMs);
    expect(moments).toEqual([...moments].sort((a, b) => a - b));
    expect(Math.abs((moments[0] as number) - Date.now())).toBeLessThan(60_000);
  });

  it('are refused for a time that ends by itself', async () => {
    const simulator = await start();
    simulator.stream.faults.refuseConnections(200);
    expect((await connect(simulator)).closeCode).toBe(1006);
    let stream = await connect(simulator);
    while (stream.closeCode !== undefined) stream = await connect(simulator);
    const { attempts } = simulator.stream.stats.snapshot();
    const last = attempts.at(-1)?.atMs as number;
    expect(attempts.at(-1)?.accepted).toBe(true);
    expect(last - (attempts[0]?.atMs as number)).toBeGreaterThan(150);
  });

  it('end with the simulator, silent ones too', async () => {
    const simulator = await busy();
    const [open, silent] = [await connect(simulator), await connect(simulator)];
    await open.subscribe(TOPIC);
    simulator.stream.control.silence({ connection: 1 });
    await simulator.close();
    expect([await open.closed(), await silent.closed()]).toEqual([1006, 1006]);
    await simulator.close();
  });
});

describe('slow consumers', () => {
  const SYMBOLS = 30;

  /** A client with klines that stopped reading before six days of candles closed. */
  async function paused(simulator: Simulator): Promise<StreamClient> {
    const stream = await connect(simulator);
    const symbols = simulator.truth.symbols();
    for (let i = 0; i < SYMBOLS; i += 10) {
      await stream.subscribe(...symbols.slice(i, i + 10).map((symbol) => `kline.5.${symbol}`));
    }
    stream.socket.pause();
    // far more than all buffers hold
    simulator.control.setClock({ nowMs: NOW + 6 * DAY });
    return stream;
  }

  const cut = (simulator: Simulator): number => simulator.stream.stats.snapshot().slowConsumers;

  it('are cut when too much waits for them, while others go on', async () => {
    const simulator = await busy({ speed: 0, streamBufferBytes: 100_000 });
    const startedMs = performance.now();
    const [slow, other] = [await paused(simulator), await connect(simulator)];
    simulator.control.setClock({ speed: 1 });
    await other.subscribe('tickers.BTCUSDT');
    const symbols = simulator.truth.symbols();
    for (let i = 0; i < 50; i += 10) {
      const args = symbols.slice(i, i + 10).map((symbol) => `tickers.${symbol}`);
      slow.send({ op: 'subscribe', args });
    }
    await other.until(() => cut(simulator) === 1);
    // before the other rule, of 10 s without reading, can apply
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    slow.socket.resume();
    expect(await slow.closed()).toBe(1006);
    await more(other, 'tickers.BTCUSDT');
  });

  it('are cut after 10 s without reading, also when the rest can wait', async () => {
    const simulator = await busy({ speed: 0, streamBufferBytes: 100_000 });
    const startedMs = performance.now();
    const slow = await paused(simulator);
    await eventually(() => expect(cut(simulator)).toBe(1));
    expect(performance.now() - startedMs).toBeGreaterThan(10_000);
    slow.socket.resume();
    expect(await slow.closed()).toBe(1006);
  });

  it('that only lag behind get every closing frame', async () => {
    const simulator = await start({ streamBufferBytes: 2_000_000 });
    const stream = await paused(simulator);
    let closed = 0;
    stream.onMessage = ({ data }) => {
      if ((data as Element[] | undefined)?.[0]?.confirm === true) closed++;
    };
    const before = simulator.stream.stats.snapshot().frames.closing;
    stream.socket.resume();
    await stream.until(() => closed === SYMBOLS * 6 * 288);
    expect(before).toBeLessThan(closed);
    expect(cut(simulator)).toBe(0);
  });
});

describe('messages', () => {
  const FORMS: [MalformedForm, (stream: StreamClient) => boolean][] = [
    ['truncated', ({ oddities }) => oddities.some((each) => /^\{"topic":"tick/.test(String(each)))],
    ['binary', ({ oddities }) => oddities.some((each) => typeof each !== 'string')],
    ['html', ({ oddities }) => oddities.some((each) => String(each).startsWith('<html>'))],
    [
      'missingFields',
      (stream) => tickerData(stream).some((data) => data !== null && !('lastPrice' in data)),
    ],
    ['nullData', (stream) => tickerData(stream).some((data) => data === null)],
    [
      'wrongTypes',
      (stream) => tickerData(stream).some((data) => typeof data?.['lastPrice'] === 'number'),
    ],
  ];

  it.each(FORMS)('%s come in between', async (form, seen) => {
    const simulator = await busy();
    const stream = await connect(simulator);
    const match = { frames: 'ticker', symbol: 'BTCUSDT' } as const;
    simulator.stream.faults.add({ match, after: 1, times: 2, effect: { kind: 'malformed', form } });
    await stream.subscribe('tickers.BTCUSDT', 'tickers.ETHUSDT');
    await stream.until(() => seen(stream));
    await more(stream, 'tickers.BTCUSDT');
    const { frames } = simulator.stream.stats.snapshot();
    expect(frames.malformed).toBe(2);
    expect(simulator.stream.faults.list()[0]?.hits).toBe(2);
  });

  it('malformed ones come instead', async () => {
    const simulator = await busy();
    const stream = await connect(simulator);
    const effect = { kind: 'malformed', form: 'html', instead: true } as const;
    simulator.stream.faults.add({ match: { topic: 'tickers.BTCUSDT' }, effect });
    await stream.subscribe('tickers.BTCUSDT', 'tickers.ETHUSDT');
    await more(stream, 'tickers.ETHUSDT');
    await stream.until(() => stream.oddities.length > 2);
    expect(stream.of('tickers.BTCUSDT')).toEqual([]);
  });

  it('spoilt answers lack what says that they succeeded', async () => {
    const simulator = await start();
    const stream = await connect(simulator);
    const effect = { kind: 'malformed', form: 'missingFields', instead: true } as const;
    simulator.stream.faults.add({ match: { frames: 'ack' }, times: 1, effect });
    expect(await stream.subscribe('tickers.BTCUSDT')).not.toHaveProperty('success');
    expect(await stream.subscribe('tickers.ETHUSDT')).toHaveProperty('success', true);
  });

  it('of one symbol stay away, the others come', async () => {
    const simulator = await busy();
    const stream = await connect(simulator);
    const match = { symbol: 'BTCUSDT' };
    const id = simulator.stream.faults.add({ match, effect: { kind: 'withhold' } });
    await stream.subscribe(TOPIC, 'tickers.BTCUSDT', 'tickers.ETHUSDT');
    await more(stream, 'tickers.ETHUSDT', 5);
    expect([...stream.of(TOPIC), ...stream.of('tickers.BTCUSDT')]).toEqual([]);
    expect(simulator.stream.faults.remove(id)).toBe(true);
    await more(stream, TOPIC);
  });

  it('that close a candle are withheld', async () => {
    const simulator = await busy({ speed: 0 });
    const stream = await connect(simulator);
    await stream.subscribe(TOPIC, 'kline.5.ETHUSDT');
    const match = { topic: TOPIC, frames: 'closing' } as const;
    simulator.stream.faults.add({ match, times: 1, effect: { kind: 'withhold' } });
    simulator.control.setClock({ nowMs: NOW + 2 * FIVE_MINUTES });
    await stream.until(() => stream.confirmed('kline.5.ETHUSDT').length === 2);
    await stream.until(() => stream.confirmed(TOPIC).length === 1);
    const first = stream.confirmed('kline.5.ETHUSDT')[0] as Element;
    expect(stream.confirmed(TOPIC)[0]?.start).toBe(first.start + FIVE_MINUTES);
  });

  it('that close a candle come twice', async () => {
    const simulator = await start();
    const stream = await connect(simulator);
    await stream.subscribe(TOPIC);
    simulator.stream.faults.add({ match: { frames: 'closing' }, effect: { kind: 'duplicate' } });
    simulator.control.setClock({ nowMs: NOW + FIVE_MINUTES });
    await stream.until(() => stream.confirmed(TOPIC).length === 2);
    const [one, two] = stream.confirmed(TOPIC);
    expect(two).toEqual(one);
  });

  it('that close a candle come late, after frames of the next', async () => {
    const simulator = await busy({ speed: 0 });
    const stream = await connect(simulator);
    await stream.subscribe(TOPIC);
    const effect = { kind: 'delay', delayMs: 400 } as const;
    simulator.stream.faults.add({ match: { frames: 'closing' }, effect });
    simulator.control.setClock({ nowMs: NOW + FIVE_MINUTES });
    await stream.until(() => stream.confirmed(TOPIC).length === 1);
    const late = stream.elements(TOPIC).findIndex(({ confirm }) => confirm);
    const { start: closed } = stream.elements(TOPIC)[late] as Element;
    expect(stream.elements(TOPIC)[late - 1]?.start).toBe(closed + FIVE_MINUTES);
    expect(closings(simulator)).toBe(1);
  });

  it('that acknowledge come late, the data before them', async () => {
    const simulator = await busy();
    const stream = await connect(simulator);
    const effect = { kind: 'delay', delayMs: 300 } as const;
    simulator.stream.faults.add({ match: { frames: 'ack' }, effect });
    expect((await stream.subscribe('tickers.BTCUSDT')).success).toBe(true);
    expect(stream.messages[0]?.topic).toBe('tickers.BTCUSDT');
  });

  it('to one connection only', async () => {
    const simulator = await busy();
    const [one, other] = [await connect(simulator), await connect(simulator)];
    const connection = simulator.stream.control.connections()[0] as string;
    simulator.stream.faults.add({
      match: { connection, frames: 'kline' },
      effect: { kind: 'withhold' },
    });
    await one.subscribe(TOPIC);
    await other.subscribe(TOPIC);
    await more(other, TOPIC);
    expect(one.of(TOPIC)).toEqual([]);
  });
});

describe('topics', () => {
  it('are refused, with their whole request', async () => {
    const simulator = await start();
    const stream = await connect(simulator);
    const { faults } = simulator.stream;
    faults.add({ match: { symbol: 'ETHUSDT' }, times: 1, effect: { kind: 'refuse' } });
    expect(await stream.subscribe('tickers.BTCUSDT', 'tickers.ETHUSDT')).toMatchObject({
      success: false,
      ret_msg: 'error:handler not found,topic:tickers.ETHUSDT',
    });
    expect((await stream.subscribe('tickers.BTCUSDT', 'tickers.ETHUSDT')).success).toBe(true);
    const retMsg = 'error:busy';
    faults.add({ match: { topic: 'tickers.SOLUSDT' }, effect: { kind: 'refuse', retMsg } });
    expect((await stream.subscribe('tickers.SOLUSDT')).ret_msg).toBe(retMsg);
  });
});

function tickerData(stream: StreamClient): (Record<string, unknown> | null)[] {
  return stream.of('tickers.BTCUSDT').map(({ data }) => data as Record<string, unknown> | null);
}
