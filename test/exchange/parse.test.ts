import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Candles } from '../../domain/candles.js';
import { RetrySoon } from '../../domain/failure.js';
import { parseDecimal } from '../../exchange/parse-decimal.js';
import { parseKlines } from '../../exchange/parse-klines.js';
import { parseInstruments, parseTurnovers } from '../../exchange/parse-listing.js';
import { BTC_INSTRUMENT, BTC_TICKER, KLINE_ROWS, KLINE_WINDOW, listing } from './envelopes.js';
import { always } from './scripted-server.js';
import { venueAgainst } from './venue-under-test.js';

const HOUR_MS = 3_600_000;

const COLUMNS = ['openTimeMs', 'open', 'high', 'low', 'close', 'volume', 'turnover'] as const;

function parse(rows: readonly unknown[], window = KLINE_WINDOW): ReturnType<typeof parseKlines> {
  return parseKlines(rows, window, HOUR_MS, 'kline BTCUSDT 1h');
}

function plain(candles: Candles): Record<string, number[]> {
  return Object.fromEntries(COLUMNS.map((name) => [name, [...candles[name]]]));
}

const EXPECTED = {
  openTimeMs: KLINE_ROWS.map((row) => Number(row[0])),
  open: [28959.94, 28945.63, 28910],
  high: [28970.63, 28950, 28911],
  low: [28940.26, 28900.1, 28910],
  close: [28945.63, 28910, 28910.5],
  volume: [7.484936, 12, 0],
  turnover: [216697.24, 347000.5, 0],
};

describe('klines', () => {
  test('newest first becomes oldest first', () => {
    const { candles, skippedMs } = parse(KLINE_ROWS.toReversed());
    expect(plain(candles)).toEqual(EXPECTED);
    expect(skippedMs).toEqual([]);
  });

  test('JSON numbers are as good as texts', () => {
    const rows = KLINE_ROWS.map((row) => row.map(Number));
    expect(plain(parse(rows).candles)).toEqual(EXPECTED);
  });

  test('a missing turnover is NaN', () => {
    const MISSING: readonly (readonly unknown[])[] = [[], [''], [null]];
    const rows = KLINE_ROWS.map((row, i) => [...row.slice(0, 6), ...(MISSING[i] ?? [])]);
    expect([...parse(rows).candles.turnover]).toEqual([NaN, NaN, NaN]);
  });

  test.each([1, 2, 3, 4, 5])(
    'null or empty column %i leaves the row out and lists it',
    (column) => {
      for (const blank of [null, '']) {
        const rows = KLINE_ROWS.map((row, i) =>
          i === 1 ? row.with(column, blank as string) : row,
        );
        const { candles, skippedMs } = parse(rows);
        expect(skippedMs).toEqual([EXPECTED.openTimeMs[1]]);
        expect([...candles.openTimeMs]).toEqual([EXPECTED.openTimeMs[0], EXPECTED.openTimeMs[2]]);
        expect([...candles.close]).toEqual([28945.63, 28910.5]);
      }
    },
  );

  test('a full and a blank row of one open time differ', () => {
    const [first = []] = KLINE_ROWS;
    expect(() => parse([first, first.with(4, '')])).toThrow(RetrySoon);
    expect(parse([first.with(4, ''), first.with(4, '')]).skippedMs).toHaveLength(1);
  });

  test('stale rows before the window make an empty page', () => {
    const later = { fromMs: KLINE_WINDOW.toMs, toMs: KLINE_WINDOW.toMs + 3 * HOUR_MS };
    const { candles, skippedMs } = parse(KLINE_ROWS.toReversed(), later);
    expect(candles.openTimeMs).toHaveLength(0);
    expect(skippedMs).toEqual([]);
  });

  test('order, duplicates and rows outside the window change nothing', () => {
    const start = KLINE_WINDOW.fromMs;
    const price = fc.integer({ min: 1, max: 10_000_000 }).map((cents) => (cents / 100).toFixed(2));
    const page = fc.uniqueArray(
      fc.record({
        at: fc.integer({ min: -30, max: 60 }),
        cells: fc.tuple(price, price, price, price, price, price),
      }),
      { selector: ({ at }) => at, maxLength: 60 },
    );
    fc.assert(
      fc.property(
        page,
        fc.integer({ min: 1, max: 40 }),
        fc.infiniteStream(fc.nat()),
        (rows, length, noise) => {
          const random = (): number => Number(noise.next().value);
          const window = { fromMs: start, toMs: start + length * HOUR_MS };
          const raw = rows.map(({ at, cells }) => [String(start + at * HOUR_MS), ...cells]);
          const inside = rows
            .filter(({ at }) => at >= 0 && at < length)
            .sort((a, b) => a.at - b.at);
          const doubled = raw.flatMap((row) => (random() % 2 ? [row, [...row]] : [row]));
          const shuffled = doubled
            .map((row) => ({ row, key: random() }))
            .sort((a, b) => a.key - b.key)
            .map(({ row }) => row);
          const { candles } = parse(shuffled, window);
          expect([...candles.openTimeMs]).toEqual(inside.map(({ at }) => start + at * HOUR_MS));
          expect([...candles.open]).toEqual(inside.map(({ cells }) => Number(cells[0])));
          expect([...candles.turnover]).toEqual(inside.map(({ cells }) => Number(cells[5])));
          expect(plain(parse(raw, window).candles)).toEqual(plain(candles));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('whatever the venue sends, a page is whole or refused', () => {
    const cell = fc.oneof(
      fc.constantFrom('', null, ' ', '1', '0', '-1', 'x', '1e3'),
      fc.anything(),
    );
    const time = fc.oneof(fc.constantFrom(...KLINE_ROWS.map((row) => row[0])), fc.anything());
    const row = fc.oneof(fc.tuple(time, cell, cell, cell, cell, cell, cell), fc.anything());
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
        try {
          const { candles, skippedMs } = parse(rows);
          const times = [...candles.openTimeMs, ...skippedMs];
          expect(new Set(times).size).toBe(times.length);
          const { open, high, low, close, volume } = candles;
          for (const value of [open, high, low, close, volume].flatMap((column) => [...column])) {
            expect(value).toBeGreaterThanOrEqual(0);
          }
        } catch (error) {
          if (!(error instanceof RetrySoon)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('decimals', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(parseDecimal(String(value))).toBe(Number(String(value)));
      expect(parseDecimal(value)).toBe(value);
    }),
  );
  for (const cell of [
    '',
    ' ',
    ' 1',
    '1 ',
    '-1',
    '.',
    'NaN',
    'Infinity',
    '1,5',
    null,
    undefined,
    [],
    [1],
    true,
    -1,
    NaN,
    Infinity,
    '9'.repeat(400),
  ]) {
    expect(parseDecimal(cell)).toBeNaN();
  }
});

describe('instruments', () => {
  test('the fields of a row', () => {
    expect(parseInstruments([BTC_INSTRUMENT])).toEqual({
      rows: [
        {
          symbol: 'BTCUSDT',
          base: 'BTC',
          quote: 'USDT',
          pricePrecision: 0.1,
          amountPrecision: 1e-6,
        },
      ],
      leftOut: [],
    });
  });

  test('a row with the needed fields only, and one with new ones', () => {
    const bare = {
      symbol: '1INCHUSDT',
      baseCoin: '1INCH',
      quoteCoin: 'USDT',
      status: 'Trading',
      priceFilter: { tickSize: '0.0001' },
      lotSizeFilter: { basePrecision: '0.01' },
    };
    const { rows } = parseInstruments([
      bare,
      { ...BTC_INSTRUMENT, xstockMultiplier: '1', news: {} },
    ]);
    expect(rows.map(({ symbol }) => symbol)).toEqual(['1INCHUSDT', 'BTCUSDT']);
  });

  test('pairs that do not trade are not listed; unusable rows are named; doubles count once', () => {
    const rows = [
      { ...BTC_INSTRUMENT, symbol: 'OLDUSDT', status: 'Closed' },
      { ...BTC_INSTRUMENT, symbol: 'NAMEOFTWENTYONECHARS_' },
      { ...BTC_INSTRUMENT, symbol: 'NOTICKUSDT', priceFilter: null },
      { ...BTC_INSTRUMENT, symbol: undefined },
      'nonsense',
      BTC_INSTRUMENT,
      BTC_INSTRUMENT,
    ];
    const { rows: usable, leftOut } = parseInstruments(rows);
    expect(usable.map(({ symbol }) => symbol)).toEqual(['BTCUSDT']);
    expect(leftOut).toEqual(['NAMEOFTWENTYONECHARS_', 'NOTICKUSDT', '?', '?']);
  });

  test.each([[[]], [[{}]], [[{ ...BTC_INSTRUMENT, status: 'Closed' }]]])(
    '%j is not believed',
    (rows) => {
      expect(() => parseInstruments(rows)).toThrow(RetrySoon);
    },
  );

  test('the venue warns of rows left out', async () => {
    const warnings: string[] = [];
    const body = listing([
      BTC_INSTRUMENT,
      { ...BTC_INSTRUMENT, symbol: 'A_NAME_THAT_IS_FAR_TOO_LONG' },
    ]);
    const { venue } = await venueAgainst(always(200, body), {
      warn: (text) => warnings.push(text),
    });
    expect(await venue.instruments({ budgetClass: 'backfill' })).toHaveLength(1);
    expect(warnings).toEqual([
      "1 rows of ByBit's instruments-info cannot be used: A_NAME_THAT_IS_FAR_TOO_LONG",
    ]);
  });

  test('half a listing is refused', async () => {
    const body = JSON.parse(listing([BTC_INSTRUMENT])) as { result: Record<string, unknown> };
    for (const [cursor, good] of [
      ['', true],
      ['page2', false],
    ] as const) {
      body.result['nextPageCursor'] = cursor;
      const { venue } = await venueAgainst(always(200, JSON.stringify(body)));
      const answer = venue.instruments({ budgetClass: 'backfill' });
      await (good
        ? expect(answer).resolves.toHaveLength(1)
        : expect(answer).rejects.toThrow(RetrySoon));
    }
  });
});

test('turnovers', async () => {
  const rows = [
    BTC_TICKER,
    { ...BTC_TICKER, symbol: 'NEWUSDT', turnover24h: '0', usdIndexPrice: '' },
  ];
  expect(parseTurnovers([...rows, { ...BTC_TICKER, symbol: 'X', turnover24h: '' }])).toEqual({
    rows: [
      { symbol: 'BTCUSDT', turnover24h: 243765620.65899866 },
      { symbol: 'NEWUSDT', turnover24h: 0 },
    ],
    leftOut: ['X'],
  });
  expect(() => parseTurnovers([{ symbol: 'X' }])).toThrow(RetrySoon);
  const { venue, server } = await venueAgainst(always(200, listing(rows)));
  expect(await venue.turnovers({ budgetClass: 'backfill' })).toHaveLength(2);
  expect(server.requests).toEqual(['/v5/market/tickers?category=spot']);
});
