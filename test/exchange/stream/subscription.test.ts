import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_UNANSWERED,
  Subscription,
  type SubscribeRequest,
} from '../../../exchange/stream/subscription.js';

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `tickers.S${i}USDT`);
}

function refusal(request: SubscribeRequest | undefined, text: string) {
  return { requestId: request?.id ?? '', success: false, text };
}

function acceptance(request: SubscribeRequest | undefined) {
  return { requestId: request?.id ?? '', success: true, text: 'subscribe' };
}

describe('flow', () => {
  test('a bounded number waits for answers', () => {
    const subscription = new Subscription(names(150));
    const sent = Array.from({ length: 15 }, () => subscription.next(0)).filter(Boolean);
    expect(sent).toHaveLength(MAX_UNANSWERED);
    subscription.answer(acceptance(sent[3]));
    expect(subscription.next(0)).toBeDefined();
    expect(subscription.next(0)).toBeUndefined();
  });

  test('the oldest request without an answer is known', () => {
    const subscription = new Subscription(names(30));
    expect(subscription.unansweredSinceMs).toBeUndefined();
    const first = subscription.next(100);
    const second = subscription.next(200);
    subscription.next(300);
    expect(subscription.unansweredSinceMs).toBe(100);
    subscription.answer(acceptance(second));
    expect(subscription.unansweredSinceMs).toBe(100);
    subscription.answer(acceptance(first));
    expect(subscription.unansweredSinceMs).toBe(300);
    expect(subscription.complete).toBe(false);
    subscription.answer(acceptance(undefined));
    expect(subscription.unansweredSinceMs).toBeUndefined();
    expect(subscription.complete).toBe(true);
  });

  test('an answer to nothing is passed over', () => {
    const subscription = new Subscription(names(1));
    subscription.next(0);
    expect(subscription.answer({ requestId: '99', success: true, text: '' })).toEqual([]);
    expect(subscription.complete).toBe(false);
    subscription.answer(acceptance(undefined));
    expect(subscription.answer(acceptance(undefined))).toEqual([]);
    expect(subscription.complete).toBe(true);
  });
});

describe('refusals', () => {
  test.each([
    'Invalid symbol :[tickers.S1USDT]',
    'error:handler not found,topic:tickers.S1USDT',
    'Invalid symbol :[tickers.S1USDT,tickers.ELSE]',
  ])('%s', (text) => {
    const subscription = new Subscription(names(12));
    const request = subscription.next(0);
    expect(subscription.answer(refusal(request, text))).toEqual([
      { topic: 'tickers.S1USDT', reason: text },
    ]);
    expect(subscription.next(0)?.topics).toEqual(
      names(10).filter((name) => name !== 'tickers.S1USDT'),
    );
  });

  test('a topic that is the beginning of another one is not mistaken for it', () => {
    const subscription = new Subscription(['tickers.BTC', 'tickers.BTCUSDT']);
    const text = 'Invalid symbol :[tickers.BTCUSDT]';
    const refused = subscription.answer(refusal(subscription.next(0), text));
    expect(refused).toEqual([{ topic: 'tickers.BTCUSDT', reason: text }]);
  });

  test('already subscribed is as good as accepted, the others are asked for again', () => {
    const subscription = new Subscription(names(2));
    const text = 'error:already subscribed,topic:tickers.S0USDT';
    expect(subscription.answer(refusal(subscription.next(0), text))).toEqual([]);
    const again = subscription.next(0);
    expect(again?.topics).toEqual(['tickers.S1USDT']);
    expect(subscription.answer(refusal(again, 'error:already subscribed'))).toEqual([]);
    expect(subscription).toMatchObject({ complete: true, failure: undefined });
  });

  test('a text that names no topic halves the request, down to the one', () => {
    const subscription = new Subscription(names(4));
    const bad = 'tickers.S2USDT';
    const refused = [];
    const sent: (readonly string[])[] = [];
    for (;;) {
      const request = subscription.next(0);
      if (request === undefined) break;
      sent.push(request.topics);
      const answer = request.topics.includes(bad) ? refusal(request, 'no') : acceptance(request);
      refused.push(...subscription.answer(answer));
    }
    expect(refused).toEqual([{ topic: bad, reason: 'no' }]);
    expect(sent.map(({ length }) => length)).toEqual([4, 2, 2, 1, 1]);
    expect(subscription.complete).toBe(true);
  });

  test('when everything is refused without a name, the venue fails and no topic is given up', () => {
    const subscription = new Subscription(names(25));
    let requests = 0;
    for (;;) {
      const request = subscription.next(0);
      if (request === undefined) break;
      requests++;
      expect(subscription.answer(refusal(request, 'args size >10'))).toEqual([]);
    }
    expect(requests).toBeLessThan(50);
    expect(subscription).toMatchObject({ complete: false, failure: 'args size >10' });
  });
});

const venue = fc.record({
  count: fc.integer({ min: 1, max: 130 }),
  bad: fc.array(fc.nat(129), { maxLength: 12 }),
  already: fc.array(fc.nat(129), { maxLength: 12 }),
  form: fc.constantFrom('bracket', 'topic', 'unnamed' as const),
  atomic: fc.boolean(),
  echo: fc.boolean(),
  order: fc.infiniteStream(fc.nat(MAX_UNANSWERED - 1)),
});

/** A venue that refuses with the first topic that it does not like. */
function answerOf(
  request: SubscribeRequest,
  model: { taken: Set<string>; bad: Set<string>; form: string; atomic: boolean; echo: boolean },
) {
  const requestId = model.echo ? request.id : '';
  const bad = request.topics.find((topic) => model.bad.has(topic));
  const twice = request.topics.find((topic) => model.taken.has(topic));
  if (bad === undefined && twice === undefined) {
    for (const topic of request.topics) model.taken.add(topic);
    return { requestId, success: true, text: 'subscribe' };
  }
  if (!model.atomic) {
    for (const topic of request.topics) if (!model.bad.has(topic)) model.taken.add(topic);
  }
  const text =
    bad === undefined
      ? `error:already subscribed,topic:${twice ?? ''}`
      : model.form === 'bracket'
        ? `Invalid symbol :[${bad}]`
        : model.form === 'topic'
          ? `error:handler not found,topic:${bad}`
          : 'something else';
  return { requestId, success: false, text };
}

test('against any venue it ends with every good topic accepted and every bad one refused', () => {
  fc.assert(
    fc.property(venue, ({ count, bad, already, form, atomic, echo, order }) => {
      const topics = names(count);
      const isBad = new Set(bad.map((i) => topics[i]).filter((topic) => topic !== undefined));
      const taken = new Set(
        already.map((i) => topics[i]).filter((topic) => topic !== undefined && !isBad.has(topic)),
      ) as Set<string>;
      const model = { taken, bad: isBad, form, atomic, echo };
      const subscription = new Subscription(topics);
      const unanswered: SubscribeRequest[] = [];
      const refused: string[] = [];
      for (let step = 0; step < 2000; step++) {
        for (;;) {
          const request = subscription.next(0);
          if (request === undefined) break;
          expect(request.topics.length).toBeGreaterThan(0);
          expect(request.topics.length).toBeLessThanOrEqual(10);
          unanswered.push(request);
        }
        expect(unanswered.length).toBeLessThanOrEqual(MAX_UNANSWERED);
        // with ids the answers may come in any order
        const place = echo ? (order.next().value ?? 0) % Math.max(unanswered.length, 1) : 0;
        const [request] = unanswered.splice(place, 1);
        if (request === undefined) break;
        const answer = answerOf(request, model);
        refused.push(...subscription.answer(answer).map(({ topic }) => topic));
      }
      expect(unanswered).toEqual([]);
      if (subscription.failure === undefined) {
        expect(subscription.complete).toBe(true);
        expect([...refused].sort()).toEqual([...isBad].sort());
      } else {
        // nothing at all was accepted, and no text named a topic
        expect(form).toBe('unnamed');
        expect(isBad.size).toBe(count);
        expect(refused).toEqual([]);
      }
      expect([...model.taken].sort()).toEqual(topics.filter((topic) => !isBad.has(topic)).sort());
    }),
    { numRuns: 300 },
  );
});
