import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEnvelope } from '../../exchange/envelope.js';
import { cutRows, parseRows, readOrdinaryRows } from '../../exchange/kline-rows.js';
import { parseKlines } from '../../exchange/parse-klines.js';

const HOUR_MS = 3_600_000;
const WINDOW = { fromMs: 100 * HOUR_MS, toMs: 120 * HOUR_MS };

function bodyOf(list: unknown, extra: Record<string, unknown> = {}): string {
  const result = { category: 'spot', symbol: 'BTCUSDT', list };
  return JSON.stringify({ retCode: 0, retMsg: 'OK', result, time: 1, ...extra });
}

function rowsIn(body: string) {
  const cut = cutRows(body);
  if (cut === undefined) throw new Error('no rows');
  return cut.rows;
}

function read(list: unknown) {
  return readOrdinaryRows(rowsIn(bodyOf(list)), WINDOW, HOUR_MS);
}

const row = (hour: number, ...cells: unknown[]): unknown[] => [
  String((100 + hour) * HOUR_MS),
  ...(cells.length === 0 ? ['1.5', '2', '1', '1.25', '10', '12.5'] : cells),
];

/** Decimals as a venue writes them, up to more digits than a double holds. */
const decimal = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 22n }), fc.nat({ max: 24 }))
  .map(([digits, places]) => {
    const text = digits.toString().padStart(places + 1, '0');
    return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
  });

describe('rows read off the text', () => {
  test('equal what JSON and Number make of them', () => {
    const cells = fc.array(decimal, { minLength: 6, maxLength: 6 });
    const rows = fc.uniqueArray(fc.tuple(fc.nat({ max: 19 }), cells), {
      selector: ([hour]) => hour,
      minLength: 1,
    });
    fc.assert(
      fc.property(rows, (drawn) => {
        const list = drawn.sort(([a], [b]) => b - a).map(([hour, texts]) => row(hour, ...texts));
        const { candles } = parseKlines(list, WINDOW, HOUR_MS, 'test');
        expect(read(list)).toEqual(candles);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['oldest first', [row(1), row(2)]],
    ['a row twice', [row(2), row(2)]],
    ['before the window', [row(2), row(-1)]],
    ['after the window', [row(20), row(2)]],
    ['off the grid', [row(1.5)]],
    ['a number instead of a text', [row(2, 1.5, '2', '1', '1.25', '10', '12.5')]],
    ['null', [row(2, null, '2', '1', '1.25', '10', '12.5')]],
    ['an empty text', [row(2, '', '2', '1', '1.25', '10', '12.5')]],
    ['a blank', [row(2, ' 1', '2', '1', '1.25', '10', '12.5')]],
    ['a sign', [row(2, '-1', '2', '1', '1.25', '10', '12.5')]],
    ['an exponent', [row(2, '1e3', '2', '1', '1.25', '10', '12.5')]],
    ['no digit before the dot', [row(2, '.5', '2', '1', '1.25', '10', '12.5')]],
    ['no digit after the dot', [row(2, '1.', '2', '1', '1.25', '10', '12.5')]],
    ['two dots', [row(2, '1.2.3', '2', '1', '1.25', '10', '12.5')]],
    ['an escape', [row(2, '1\\u0030', '2', '1', '1.25', '10', '12.5')]],
    ['no turnover', [row(2, '1.5', '2', '1', '1.25', '10')]],
    ['an eighth column', [row(2, '1.5', '2', '1', '1.25', '10', '12.5', '3')]],
    ['a list within a row', [row(2, ['1.5'], '2', '1', '1.25', '10', '12.5')]],
    ['something else between the rows', [row(3), null, row(2)]],
  ])('are not ordinary: %s', (_, list) => {
    expect(read(list)).toBeUndefined();
  });

  test('blanks between the cells go the long way', () => {
    const body = bodyOf([row(2), row(1)]).replaceAll('","', '", "');
    const rows = rowsIn(body);
    expect(readOrdinaryRows(rows, WINDOW, HOUR_MS)).toBeUndefined();
    expect(parseRows(rows)).toEqual([row(2), row(1)]);
  });
});

describe('an envelope', () => {
  test('of klines comes with its rows cut out', () => {
    const envelope = parseEnvelope(bodyOf([row(2), row(1)]));
    expect(envelope?.result).toEqual({ category: 'spot', symbol: 'BTCUSDT', list: [] });
    expect(envelope?.rows && parseRows(envelope.rows)).toEqual([row(2), row(1)]);
  });

  test('keeps a list that only looks like the rows', () => {
    const body = `{"retCode":0,"other":{"list":[[1]]},"result":{"list":["x"]},"time":1}`;
    expect(parseEnvelope(body)).toMatchObject({ result: { list: ['x'] }, rows: undefined });
  });

  test('keeps the last of two lists, as JSON does', () => {
    const body = `{"retCode":0,"result":{"list":[["1"]],"list":[["2"]]},"time":1}`;
    expect(parseEnvelope(body)).toMatchObject({ result: { list: [['2']] }, rows: undefined });
  });

  test('in a text is no list', () => {
    const body = bodyOf([], { retMsg: '"list":[[1]]' });
    expect(parseEnvelope(body)).toMatchObject({ retMsg: '"list":[[1]]', rows: undefined });
  });

  test('cut short anywhere is none', () => {
    const body = bodyOf([row(2), row(1)]);
    for (let length = 0; length < body.length; length++) {
      expect(parseEnvelope(body.slice(0, length))).toBeUndefined();
    }
  });
});
