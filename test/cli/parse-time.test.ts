import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WrongUse } from '../../domain/failure.js';
import { requireTimeMs } from '../../cli/parse-time.js';
import { parseTimeMs } from '../../domain/parse-time.js';

describe('parseTimeMs', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-01-31T08:05Z', '2026-01-31T08:05:00.000Z'],
    ['2026-01-31T08:05:09Z', '2026-01-31T08:05:09.000Z'],
    ['2026-01-31T08:05:09.5Z', '2026-01-31T08:05:09.500Z'],
    ['2026-01-31T08:05:09.123456+00:00', '2026-01-31T08:05:09.123Z'],
    ['2026-01-31T08:05+02:00', '2026-01-31T06:05:00.000Z'],
    ['2026-01-31T22:00-05:30', '2026-02-01T03:30:00.000Z'],
  ])('reads %s', (text, iso) => {
    expect(new Date(parseTimeMs(text) ?? NaN).toISOString()).toBe(iso);
  });

  it.each([
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-1-1',
    '2026-01-31T08:05',
    '2026-01-31 08:05Z',
    '2026-01-31T24:00Z',
    '2026-01-31T08:60Z',
    '2026-01-31T08:05:60Z',
    '2026-01-31T08:05+15:00',
    '2026-01-31T08:05+02:60',
    '2026-01-31Z',
    '20260131',
    '1767225600000',
    'yesterday',
    '',
  ])('refuses %j', (text) => {
    expect(parseTimeMs(text)).toBeUndefined();
    expect(() => requireTimeMs('--from', text)).toThrow(WrongUse);
  });

  it('reads back what Date writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
        (date) => {
          expect(parseTimeMs(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });

  it('does not depend on the time zone of the machine', () => {
    const before = process.env['TZ'];
    try {
      process.env['TZ'] = 'Asia/Tokyo';
      expect(parseTimeMs('2026-01-31')).toBe(Date.UTC(2026, 0, 31));
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });

  it('refuses times before 1970', () => {
    expect(() => requireTimeMs('--from', '1969-12-31')).toThrow(WrongUse);
  });
});
