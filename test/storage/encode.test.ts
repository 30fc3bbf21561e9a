import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  floatArray,
  msOf,
  multirange,
  nullableFloatArray,
  range,
  timestamp,
  timestampArray,
} from '../../storage/encode.js';
import { DATABASES, type TestDatabase } from './databases.js';

const TIMES = [
  Date.UTC(1969, 6, 20),
  0,
  Date.UTC(1999, 11, 31, 23, 59, 59, 999),
  Date.UTC(2000, 0, 1),
  Date.UTC(2026, 1, 28, 23, 55),
  Date.UTC(2100, 0, 1, 0, 0, 0, 1),
];

describe.each(DATABASES)('parameters on $kind', ({ open }) => {
  let test_: TestDatabase;

  beforeAll(async () => {
    test_ = await open();
  });
  afterAll(() => test_.close());

  test.each(['UTC', 'Asia/Kolkata', 'America/New_York'])(
    'times keep their moment in %s',
    async (zone) => {
      const { rows } = await test_.database.transaction(async (transaction) => {
        await transaction.query(`set local time zone '${zone}'`);
        return transaction.query<{ ms: number }>(
          `select ${msOf('t')} as ms from unnest($1::timestamptz[]) as t`,
          [timestampArray(Float64Array.from(TIMES))],
        );
      });
      expect(rows.map(({ ms }) => ms)).toEqual(TIMES);
    },
  );

  test('floats keep every bit, NaN becomes null only where it may', async () => {
    const values = [0, -0, 1.1, 5e-324, Number.MAX_VALUE, -1e-8, 0.1 + 0.2];
    const { rows } = await test_.database.query<{ a: number; b: number | null; c: number }>(
      'select * from unnest($1::float8[], $2::float8[], $3::float8[]) as t (a, b, c)',
      [
        floatArray(Float64Array.from(values)),
        nullableFloatArray(
          Float64Array.from(values.map((value, i) => (i % 2 ? Number.NaN : value))),
        ),
        nullableFloatArray(Float64Array.from(values)),
      ],
    );
    expect(rows.map(({ a }) => a)).toEqual(values);
    expect(rows.map(({ b }) => b)).toEqual(values.map((value, i) => (i % 2 ? null : value)));
    expect(rows.map(({ c }) => c)).toEqual(values);
  });

  test('empty arrays and ranges', async () => {
    const none = new Float64Array(0);
    const { rows } = await test_.database.query(
      `select cardinality($1::timestamptz[]) as times, cardinality($2::float8[]) as floats,
         isempty($3::tstzmultirange) as empty,
         $4::tstzrange = tstzrange('2026-01-01Z', '2026-01-02Z') as whole,
         $5::timestamptz = '2026-01-01Z' as moment`,
      [
        timestampArray(none),
        nullableFloatArray(none),
        multirange([]),
        range({ fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 0, 2) }),
        timestamp(Date.UTC(2026, 0, 1)),
      ],
    );
    expect(rows).toEqual([{ times: 0, floats: 0, empty: true, whole: true, moment: true }]);
  });
});
