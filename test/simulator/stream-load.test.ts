import { afterEach, describe, expect, it } from 'vitest';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { connect, disconnectAll, rowOf, type Element, type StreamClient } from './stream-client.js';
import { DAY, get, start, stopAll } from './support.js';

afterEach(async () => {
  disconnectAll();
  await stopAll();
});

const MIDNIGHT = Date.parse('2026-03-12T00:00:00Z');
const INTERVALS = ['5', '15', '60', '240', 'D'];

describe('a boundary of 300 symbols in five timeframes', () => {
  it('closes all of them soon, while HTTP is answered in between', async () => {
    const simulator = await start({ pairs: 300, now: MIDNIGHT - 60_000 });
    const symbols = simulator.truth.symbols();
    const closed = new Map<string, Element>();
    const streams: StreamClient[] = [];
    for (let n = 0; n < 2; n++) streams.push(await connect(simulator));
    const topics = INTERVALS.flatMap((interval) =>
      symbols.map((each) => `kline.${interval}.${each}`),
    );
    for (let i = 0; i < topics.length; i += 10) {
      const stream = streams[i < topics.length / 2 ? 0 : 1] as StreamClient;
      expect((await stream.subscribe(...topics.slice(i, i + 10))).success).toBe(true);
    }
    for (const stream of streams) {
      stream.onMessage = ({ topic, data }) => {
        const [element] = data as [Element];
        if (element.confirm) closed.set(String(topic), element);
      };
    }
    // one after the other, as long as the burst lasts; the clock of a busy machine proves nothing, the order does
    const sentAtAnswer = new Set<number>();
    const askOn = async (): Promise<void> => {
      while (closed.size < topics.length) {
        await (await get(simulator, '/v5/market/time')).text();
        sentAtAnswer.add(simulator.stream.stats.snapshot().frames.closing);
      }
    };
    await get(simulator, '/v5/market/time');
    const asking = askOn();
    simulator.control.setClock({ nowMs: MIDNIGHT });
    await asking;
    const between = [...sentAtAnswer].filter((sent) => sent > 0 && sent < topics.length);
    expect(between.length).toBeGreaterThan(0);
    expect(simulator.stream.stats.snapshot()).toMatchObject({
      acks: 150,
      refusals: 0,
      frames: { closing: 1500 },
    });
    for (const [i, timeframe] of TIMEFRAMES.entries()) {
      for (const symbol of symbols) {
        const element = closed.get(`kline.${INTERVALS[i]}.${symbol}`) as Element;
        const truth = simulator.truth.candles(symbol, timeframe, MIDNIGHT - DAY, MIDNIGHT).at(-1);
        expect(rowOf(element)).toEqual(truth);
      }
    }
  });
});
