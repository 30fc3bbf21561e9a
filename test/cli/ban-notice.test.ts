import { expect, it } from 'vitest';
import { BanNotice } from '../../cli/runs/ban-notice.js';

const NOON = Date.parse('2026-11-20T12:00:00Z');
const STILL = { requests: 5, candles: 1_000 };

it('reads a ban only while nothing moves, every 5 s at most, and tells of it until it ends', async () => {
  let nowMs = NOON;
  let reads = 0;
  let untilMs: number | undefined = NOON + 36_200;
  const notice = new BanNotice(
    () => Promise.resolve((reads++, untilMs)),
    () => nowMs,
  );
  for (let requests = 1; requests <= 5; requests++) {
    expect(await notice.after({ ...STILL, requests })).toBeUndefined();
  }
  expect(reads).toBe(0);
  const banned = 'ByBit has banned this IP: nothing is asked before 12:00:37 UTC';
  for (; nowMs < NOON + 30_000; nowMs += 1_000) expect(await notice.after(STILL)).toBe(banned);
  expect(reads).toBe(6);
  // PostgreSQL has gone: nothing is said that is not known
  untilMs = undefined;
  expect(await notice.after(STILL)).toBeUndefined();
  untilMs = NOON + 36_200;
  nowMs += 5_000;
  expect(await notice.after(STILL)).toBe(banned);
  nowMs = untilMs;
  expect(await notice.after(STILL)).toBeUndefined();
});
