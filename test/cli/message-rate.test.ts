import { describe, expect, it } from 'vitest';
import { MessageRate } from '../../cli/stream/message-rate.js';
import { activity, FIGURES } from './stream-samples.js';

function beat(atMs: number, messages: number, sinceMs = 0): Parameters<MessageRate['next']>[0] {
  return activity({ heartbeatAtMs: atMs, figures: { ...FIGURES, sinceMs, messages } });
}

describe('messages a second', () => {
  it('are told from two heartbeats on, seen as often as you like', () => {
    const rate = new MessageRate();
    expect(rate.next(beat(1_000, 100))).toBeUndefined();
    expect(rate.next(beat(1_000, 100))).toBeUndefined();
    expect(rate.next(beat(3_000, 500))).toBe(200);
    expect(rate.next(beat(3_000, 500))).toBe(200);
  });

  it('forget what is long past', () => {
    const rate = new MessageRate();
    rate.next(beat(0, 0));
    rate.next(beat(5_000, 50_000));
    rate.next(beat(10_000, 50_500));
    expect(rate.next(beat(15_000, 51_000))).toBe(100);
  });

  it('begin again with a new attempt', () => {
    const rate = new MessageRate();
    rate.next(beat(0, 0));
    rate.next(beat(5_000, 50_000));
    expect(rate.next(beat(6_000, 10, 5_500))).toBeUndefined();
    expect(rate.next(beat(7_000, 60, 5_500))).toBe(50);
  });

  it('are unknown before the first heartbeat', () => {
    expect(new MessageRate().next(activity({ figures: undefined }))).toBeUndefined();
  });
});
