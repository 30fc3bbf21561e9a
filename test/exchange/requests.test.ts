import { getEventListeners } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BudgetSlot } from '../../domain/budget.js';
import { GiveUpRun, RetrySoon, WaitUntil } from '../../domain/failure.js';
import { InFlightPlaces } from '../../exchange/in-flight.js';
import { Requester } from '../../exchange/requester.js';
import { ENVELOPE_TIME_MS, klines, SERVER_TIME } from './envelopes.js';
import { RecordingBudget } from './recording-budget.js';
import { always, type Handler } from './scripted-server.js';
import { thrownBy, venueAgainst } from './venue-under-test.js';

/** A handler that answers only when told. */
function gate(answer: Handler): { handler: Handler; arrived: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  let arrive = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const handler: Handler = (request, response) => {
    arrive();
    void opened.then(() => {
      answer(request, response);
    });
  };
  return { handler, arrived, open };
}

test('the server time is the time of the envelope', async () => {
  const { venue, server } = await venueAgainst(always(200, SERVER_TIME));
  expect(await venue.serverTimeMs({ budgetClass: 'upkeep' })).toBe(ENVELOPE_TIME_MS);
  expect(server.requests).toEqual(['/v5/market/time']);
});

describe('abort', () => {
  test('before the request: nothing is taken or sent', async () => {
    const { page, budget, server } = await venueAgainst(always(200, klines()));
    const reason = new Error('stopping');
    expect(await thrownBy(page(AbortSignal.abort(reason)))).toBe(reason);
    expect(budget.taken).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  test('while the budget waits: its failure passes through and the place is free again', async () => {
    const { page, budget, server } = await venueAgainst(always(200, klines()), { maxInFlight: 1 });
    const take = budget.take.bind(budget);
    const controller = new AbortController();
    budget.take = (_budgetClass, signal) =>
      new Promise<BudgetSlot>((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
        controller.abort(new Error('stopping'));
      });
    expect(await thrownBy(page(controller.signal))).toBe(controller.signal.reason);
    expect(server.requests).toEqual([]);
    budget.take = take;
    expect((await page()).candles.openTimeMs).toHaveLength(3);
  });

  test('between grant and request: the slot is settled unused', async () => {
    const { page, budget, server } = await venueAgainst(always(200, klines()));
    const controller = new AbortController();
    const take = budget.take.bind(budget);
    budget.take = (budgetClass) => {
      controller.abort(new Error('stopping'));
      return take(budgetClass);
    };
    expect(await thrownBy(page(controller.signal))).toBe(controller.signal.reason);
    expect(budget.settled).toEqual([1]);
    expect(server.requests).toEqual([]);
  });

  test('of a request under way: the slot stays taken until the answer', async () => {
    const { handler, arrived, open } = gate(always(403, 'access too frequent'));
    const { page, budget, venue } = await venueAgainst(handler);
    const controller = new AbortController();
    const asked = thrownBy(page(controller.signal));
    await arrived;
    controller.abort(new Error('stopping'));
    expect(await asked).toBe(controller.signal.reason);
    expect(budget.settled).toEqual([0]);
    open();
    await expect.poll(() => budget.settled).toEqual([1]);
    await expect.poll(() => budget.bans).toHaveLength(1);
    await venue.close();
    expect(budget.settled).toEqual([1]);
  });
});

test('a ban known to the budget is passed on and nothing is sent', async () => {
  const { page, budget, server } = await venueAgainst(always(200, klines()));
  const ban = new WaitUntil('banned', 1, true);
  budget.take = () => Promise.reject(ban);
  expect(await thrownBy(page())).toBe(ban);
  expect(server.requests).toEqual([]);
});

test('a ccxt that cannot be loaded fails the request before anything is taken', async () => {
  const budget = new RecordingBudget();
  const away = new GiveUpRun('ccxt cannot be loaded');
  const requester = new Requester({
    session: Promise.reject(away),
    budget,
    banWaitMs: 1,
    maxInFlight: 1,
    now: () => 0,
  });
  const question = { label: 'time', ofSymbol: false, send: () => Promise.reject(away) };
  expect(await thrownBy(requester.ask(question, { budgetClass: 'upkeep' }))).toBe(away);
  expect(budget.taken).toEqual([]);
});

test('at most maxInFlight requests are under way', async () => {
  let underWay = 0;
  let most = 0;
  const { page, budget } = await venueAgainst(
    (request, response) => {
      most = Math.max(most, ++underWay);
      setImmediate(() => {
        underWay--;
        always(200, klines())(request, response);
      });
    },
    { maxInFlight: 3 },
  );
  await Promise.all(Array.from({ length: 40 }, () => page()));
  expect(most).toBeLessThanOrEqual(3);
  expect(budget.settled).toEqual(Array.from({ length: 40 }, () => 1));
});

test('close ends what is under way and settles it', async () => {
  const { handler, arrived } = gate(always(200, klines()));
  const { page, budget, venue } = await venueAgainst(handler);
  const asked = thrownBy(page());
  await arrived;
  await venue.close();
  expect(budget.settled).toEqual([1]);
  expect(await asked).toBeInstanceOf(RetrySoon);
});

test('answers of requests under way together are not mixed up', async () => {
  let count = 0;
  const { page } = await venueAgainst((request, response) => {
    const refuse = count++ % 2 === 0;
    setImmediate(() => {
      always(refuse ? 403 : 200, refuse ? 'blocked' : klines())(request, response);
    });
  });
  const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => page()));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(15);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(GiveUpRun);
});

test('many requests may share one signal', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const { page } = await venueAgainst(always(200, klines()));
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 30 }, () => page(signal)));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(warnings).toEqual([]);
});

describe('places', () => {
  test('a backfill leaves a tenth to upkeep, and upkeep goes first', async () => {
    const places = new InFlightPlaces(10);
    const leave = await Promise.all(Array.from({ length: 9 }, () => places.take('backfill')));
    const order: string[] = [];
    const backfill = places.take('backfill').then(() => order.push('backfill'));
    const reserved = await places.take('upkeep');
    const upkeep = places.take('upkeep').then((back) => {
      order.push('upkeep');
      back();
    });
    expect(order).toEqual([]);
    reserved();
    await upkeep;
    expect(order).toEqual(['upkeep']);
    leave[0]?.();
    await backfill;
    expect(order).toEqual(['upkeep', 'backfill']);
  });

  test('who leaves the queue takes no place', async () => {
    const places = new InFlightPlaces(1);
    const leave = await places.take('backfill');
    const controller = new AbortController();
    const gone = thrownBy(places.take('backfill', controller.signal));
    const next = places.take('backfill');
    controller.abort(new Error('stopping'));
    expect(await gone).toBe(controller.signal.reason);
    leave();
    (await next)();
  });
});
