import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CANARY_NAME,
  MAX_CONNECTION_CHARS,
  MAX_REQUEST_TOPICS,
  argsLength,
  batchesOf,
  namesOf,
  shardTopics,
} from '../../../exchange/stream/topics.js';

const symbols = fc.uniqueArray(fc.stringMatching(/^[A-Z0-9]{1,16}USDT$/), {
  minLength: 1,
  maxLength: 1000,
  size: 'max',
});

/** Which topics a symbol has, written down a second time. */
function topicsOf(symbol: string): readonly string[] {
  const klines = ['5', '15', '60', '240', 'D'].map((interval) => `kline.${interval}.${symbol}`);
  return [`tickers.${symbol}`, ...klines];
}

describe('sharding', () => {
  test('of one symbol', () => {
    expect(shardTopics(['ETHUSDT']).map(namesOf)).toEqual([
      ['tickers.BTCUSDT', ...topicsOf('ETHUSDT')],
    ]);
    expect(shardTopics(['BTCUSDT']).map(namesOf)).toEqual([topicsOf('BTCUSDT')]);
  });

  test('of none, and of one named twice', () => {
    expect(shardTopics([])).toEqual([]);
    expect(shardTopics(['ETHUSDT', 'ETHUSDT'])).toEqual(shardTopics(['ETHUSDT']));
  });

  test('of a symbol that fits nowhere', () => {
    expect(() => shardTopics(['A', 'X'.repeat(4000)])).toThrow(RangeError);
  });

  test.each([
    [50, 1],
    [300, 2],
    [700, 5],
  ])('of %i symbols takes %i connections', (count, connections) => {
    const names = Array.from({ length: count }, (_, i) => `SYM${String(i).padStart(4, '0')}USDT`);
    expect(shardTopics(names)).toHaveLength(connections);
  });

  test('keeps every limit, for any set', () => {
    fc.assert(
      fc.property(symbols, fc.boolean(), (drawn, withCanary) => {
        const set = withCanary ? [...new Set([...drawn, 'BTCUSDT'])] : drawn;
        const shards = shardTopics(set);
        const names = shards.map(namesOf);
        // every topic once, and nothing but the canary beside them
        const followed = names.flat().filter((name) => name !== CANARY_NAME);
        const wanted = set.flatMap(topicsOf).filter((name) => name !== CANARY_NAME);
        expect(followed.sort()).toEqual(wanted.sort());
        const lengths = names.map(argsLength);
        for (const [index, topics] of names.entries()) {
          expect(topics[0]).toBe(CANARY_NAME);
          expect(topics.lastIndexOf(CANARY_NAME)).toBe(0);
          expect(lengths[index]).toBeLessThan(MAX_CONNECTION_CHARS);
        }
        // the ticker of BTCUSDT is told by one connection exactly when it is followed
        const told = shards
          .flat()
          .filter(({ name, kind }) => name === CANARY_NAME && kind === 'ticker');
        expect(told).toHaveLength(set.includes('BTCUSDT') ? 1 : 0);
        // one symbol, one connection
        const places = new Map<string, number>();
        for (const [index, shard] of shards.entries()) {
          for (const topic of shard) {
            if (topic.kind === 'canary') continue;
            const symbol = topic.kind === 'kline' ? topic.series.symbol : topic.symbol;
            expect(places.get(symbol) ?? index).toBe(index);
            places.set(symbol, index);
          }
        }
        // evenly: no more apart than the topics of two symbols
        const widest = Math.max(...set.map((symbol) => argsLength(topicsOf(symbol))));
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(2 * widest);
        // no connection more than needed
        const total = argsLength(set.flatMap(topicsOf));
        expect(shards.length).toBeLessThanOrEqual(Math.ceil((1.02 * total) / MAX_CONNECTION_CHARS));
      }),
      { numRuns: 60 },
    );
  });
});

test('batches have at most ten topics, each once, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 400 }), (names) => {
      const batches = batchesOf(names);
      expect(batches.flat()).toEqual(names);
      expect(batches).toHaveLength(Math.ceil(names.length / MAX_REQUEST_TOPICS));
      for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(MAX_REQUEST_TOPICS);
    }),
  );
});
