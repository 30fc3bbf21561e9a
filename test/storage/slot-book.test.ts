import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlotBook } from '../../storage/slot-book.js';

const TIMES = { coolMs: 5_000, holdMs: 15_000 };

test('a slot frees 5 s after its answer', () => {
  const book = new SlotBook(TIMES);
  book.grant('a', 0);
  book.grant('b', 10);
  book.settle('a', 200);
  expect(book.used(5_199)).toBe(2);
  expect(book.nextFreeMs(5_199)).toBe(1);
  expect(book.used(5_200)).toBe(1);
});

test('a request without an answer frees its slot after its timeout and 5 s', () => {
  const book = new SlotBook(TIMES);
  book.grant('a', 0);
  expect(book.nextFreeMs(0)).toBe(15_000);
  expect(book.used(14_999)).toBe(1);
  expect(book.used(15_000)).toBe(0);
  expect(book.nextFreeMs(15_000)).toBeUndefined();
});

test('an answer after the timeout takes the slot again', () => {
  const book = new SlotBook(TIMES);
  book.grant('a', 0);
  expect(book.used(16_000)).toBe(0);
  book.settle('a', 16_000);
  expect(book.used(20_999)).toBe(1);
  expect(book.used(21_000)).toBe(0);
});

test('entries tell how long each slot is still taken', () => {
  const book = new SlotBook(TIMES);
  book.grant('a', 0);
  book.grant('b', 0);
  book.settle('a', 100);
  expect(book.entries(1_000)).toEqual([
    ['b', 14_000],
    ['a', 4_100],
  ]);
});

test('the venue never sees more than the limit in any 5 s, whatever the delays', () => {
  const request = fc.record({
    pauseMs: fc.nat(800),
    thereMs: fc.nat(2_000),
    backMs: fc.nat(2_000),
  });
  fc.assert(
    fc.property(
      fc.array(request, { maxLength: 80 }),
      fc.integer({ min: 1, max: 8 }),
      (requests, limit) => {
        const book = new SlotBook(TIMES);
        const answers: { atMs: number; id: string }[] = [];
        const arrivals: number[] = [];
        let nowMs = 0;
        for (const [index, { pauseMs, thereMs, backMs }] of requests.entries()) {
          nowMs += pauseMs;
          for (;;) {
            answers.sort((a, b) => a.atMs - b.atMs);
            while (answers[0] !== undefined && answers[0].atMs <= nowMs) {
              const { id, atMs } = answers.shift() ?? { id: '', atMs: 0 };
              book.settle(id, atMs);
            }
            if (book.used(nowMs) < limit) break;
            nowMs = Math.min(nowMs + (book.nextFreeMs(nowMs) ?? 1), answers[0]?.atMs ?? Infinity);
          }
          book.grant(String(index), nowMs);
          arrivals.push(nowMs + thereMs);
          answers.push({ id: String(index), atMs: nowMs + thereMs + backMs });
        }
        arrivals.sort((a, b) => a - b);
        const worst = arrivals.map(
          (from) => arrivals.filter((atMs) => atMs >= from && atMs < from + TIMES.coolMs).length,
        );
        expect(Math.max(0, ...worst)).toBeLessThanOrEqual(limit);
      },
    ),
  );
});
