import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Instrument } from '../../domain/instrument.js';
import { SqlBanStore } from '../../storage/ban-store.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { SqlSymbolStore } from '../../storage/symbol-store.js';
import { clear, DATABASES, opened, type TestDatabase } from './databases.js';

const NOW_MS = Date.UTC(2026, 1, 1);

function pair(symbol: string, pricePrecision = 0.01): Instrument {
  return {
    symbol,
    base: symbol.slice(0, -4),
    quote: 'USDT',
    pricePrecision,
    amountPrecision: 1e-8,
  };
}

describe.each(DATABASES)('stores on $kind', ({ open }) => {
  let test_: TestDatabase;

  beforeAll(async () => {
    test_ = await opened(open);
  });
  afterAll(() => test_.close());
  beforeEach(() => clear(test_.database));

  test('a listing adds, updates and retires pairs, and never deletes one', async () => {
    const store = new SqlSymbolStore(test_.database, () => NOW_MS);
    await store.refresh([pair('ETHUSDT'), pair('BTCUSDT'), pair('LUNAUSDT')]);
    expect(await store.activeSymbols()).toEqual(['BTCUSDT', 'ETHUSDT', 'LUNAUSDT']);
    await store.refresh([pair('BTCUSDT', 0.1), pair('ETHUSDT'), pair('SOLUSDT')]);
    expect(await store.activeSymbols()).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
    const { rows } = await test_.database.query(
      `select name, is_active, base, quote, price_precision::float8 as price,
         amount_precision::text as amount from symbols where name in ('BTCUSDT', 'LUNAUSDT') order by 1`,
    );
    const common = { quote: 'USDT', amount: '0.00000001' };
    expect(rows).toEqual([
      { name: 'BTCUSDT', is_active: true, base: 'BTC', price: 0.1, ...common },
      { name: 'LUNAUSDT', is_active: false, base: 'LUNA', price: 0.01, ...common },
    ]);
    await store.refresh([pair('LUNAUSDT')]);
    expect(await store.activeSymbols()).toEqual(['LUNAUSDT']);
    await expect(store.refresh([])).rejects.toMatchObject({ name: 'RetrySoon' });
    expect(await store.activeSymbols()).toEqual(['LUNAUSDT']);
  });

  test('what a probe found is kept, also for a pair that no listing showed', async () => {
    const store = new SqlSymbolStore(test_.database, () => NOW_MS);
    const unknown = { probedFromMs: undefined, firstDayMs: undefined };
    expect(await store.history('BTCUSDT')).toEqual(unknown);
    await store.recordProbe('BTCUSDT', { probedFromMs: NOW_MS, firstDayMs: undefined });
    expect(await store.history('BTCUSDT')).toEqual({ probedFromMs: NOW_MS, firstDayMs: undefined });
    await store.refresh([pair('BTCUSDT')]);
    const found = { probedFromMs: Date.UTC(2021, 0, 1), firstDayMs: Date.UTC(2021, 6, 5) };
    await store.recordProbe('BTCUSDT', found);
    await store.refresh([pair('BTCUSDT')]);
    expect(await store.history('BTCUSDT')).toEqual(found);
  });

  test('the first label holds the database', async () => {
    const store = new SqlSourceStore(test_.database);
    expect(await store.label()).toBeUndefined();
    const claimed = await store.claim('simulated');
    expect(claimed.source).toBe('simulated');
    expect(await store.claim('bybit')).toEqual(claimed);
    expect(await store.label()).toBe('simulated');
  });

  test('a ban is only ever extended, and ends', async () => {
    let nowMs = NOW_MS;
    const store = new SqlBanStore(test_.database, () => nowMs);
    expect(await store.notBeforeMs()).toBeUndefined();
    await store.extend(NOW_MS + 600_000);
    await store.extend(NOW_MS + 1_000);
    expect(await store.notBeforeMs()).toBe(NOW_MS + 600_000);
    nowMs += 600_000;
    expect(await store.notBeforeMs()).toBeUndefined();
  });
});
