import fc from 'fast-check';
import { expect } from 'vitest';
import type { GapKind } from '../../domain/gap.js';
import type { CandleStore, StorePage } from '../../domain/stores.js';
import type { Database } from '../../storage/database.js';
import { at, numbers, ORIGIN, pageOf, SERIES, span } from './pages.js';
import { broken, readStored, type Stored } from './stored.js';

/** Candles that the sequences play with. */
export const SIZE = 12;

/** What makes the values of a row, see `candlesAt`. */
export interface RowValues {
  readonly version: number;
  readonly more: number;
}

export interface PageStep extends RowValues {
  readonly do: 'page';
  readonly from: number;
  readonly to: number;
  readonly rows: readonly number[];
  readonly skipped: readonly number[];
  readonly openIndex: number | undefined;
  readonly startsOnFirstDay: boolean;
}

export interface SpanStep {
  readonly do: 'fail' | 'list';
  readonly from: number;
  readonly to: number;
}

/** What must be stored, candle by candle. */
export class CandleModel {
  readonly rows = new Map<number, RowValues>();
  readonly gaps = new Map<number, GapKind>();

  /** Stores a row of the page; the default replaces what is there. */
  page(
    step: PageStep,
    store: (index: number, row: RowValues) => void = (index, row) => this.store(index, row),
  ): void {
    let leading = step.startsOnFirstDay && step.rows.length > 0;
    for (const index of closedNumbers(step)) {
      if (step.skipped.includes(index)) leading = false;
      else if (step.rows.includes(index)) {
        leading = false;
        store(index, { version: step.version, more: step.more });
      } else this.#missing(index, leading);
    }
  }

  span(step: SpanStep): void {
    const kind = step.do === 'fail' ? 'failed' : 'before_listing';
    for (const index of numbers(step.from, step.to)) {
      const overruled = step.do === 'list' && this.gaps.has(index);
      if (overruled || !this.settled(index)) this.gaps.set(index, kind);
    }
  }

  store(index: number, { version, more }: RowValues): void {
    this.rows.set(index, { version, more });
    this.gaps.delete(index);
  }

  settled(index: number): boolean {
    return this.rows.has(index) || this.gaps.has(index);
  }

  /** End of all that is settled; undefined: nothing is. */
  end(): number | undefined {
    const last = Math.max(...this.rows.keys(), ...this.gaps.keys());
    return last === -Infinity ? undefined : last + 1;
  }

  #missing(index: number, leading: boolean): void {
    const answered = leading ? 'before_listing' : 'unconfirmed';
    const known = this.gaps.get(index);
    if (known === 'before_listing' || this.rows.has(index)) return;
    this.gaps.set(index, answered);
  }
}

/** The candles of the page's window that are closed. */
export function closedNumbers({ from, to, openIndex }: PageStep): number[] {
  return numbers(from, Math.min(to, openIndex ?? to));
}

export function pageInput({ from, to, rows, openIndex, ...options }: PageStep): StorePage {
  return pageOf(from, to, rows, { ...options, ...(openIndex === undefined ? {} : { openIndex }) });
}

/** Does the same to the store and to the model. */
export async function playPage(
  store: CandleStore,
  step: PageStep | SpanStep,
  model: CandleModel,
): Promise<void> {
  if (step.do === 'page') {
    await store.storePage(pageInput(step));
    model.page(step);
    return;
  }
  const period = span(step.from, step.to);
  if (step.do === 'fail') await store.settleFailed(SERIES, [period], ORIGIN, 'no answer');
  else await store.settleBeforeListing([SERIES], period, ORIGIN);
  model.span(step);
}

/** Fails unless the invariant holds after each step, and what the model says is stored at the end. */
export async function expectSequence<Step, Model extends CandleModel>(
  database: Database,
  sequence: readonly Step[],
  model: Model,
  play: (step: Step, model: Model) => Promise<void>,
): Promise<void> {
  for (const step of sequence) {
    await play(step, model);
    const stored = await readStored(database);
    expect(broken(stored)).toEqual([]);
    expect(stored.candles).toBe(model.rows.size);
  }
  await expectModel(database, await readStored(database), model);
}

/** Fails unless the closed rows and the open gaps are those of the model. */
async function expectModel(database: Database, stored: Stored, model: CandleModel): Promise<void> {
  expect(kindsByIndex(stored)).toEqual([...model.gaps].sort(([a], [b]) => a - b));
  const closed = await database.query<{ close: number; volume: number }>(
    'select close, volume from ohlcv_closed order by "timestamp"',
  );
  expect(closed.rows).toEqual(
    [...model.rows]
      .sort(([a], [b]) => a - b)
      .map(([i, { version, more }]) => ({
        close: 101 + i + version / 8,
        volume: 0.1 * i + more,
      })),
  );
}

function kindsByIndex(stored: Stored): [number, GapKind][] {
  return stored.gaps
    .filter((gap) => gap.open)
    .flatMap(({ fromMs, toMs, kind }) =>
      numbers(0, SIZE)
        .filter((index) => at(index) >= fromMs && at(index) < toMs)
        .map((index): [number, GapKind] => [index, kind]),
    );
}

export const anyPair = fc
  .tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) + 1 }));

/** Any page; a third of its candles are missing or skipped. */
export const anyPage = fc
  .record({
    window: anyPair,
    present: fc.array(fc.constantFrom('row', 'row', 'hole', 'skipped'), {
      minLength: SIZE,
      maxLength: SIZE,
    }),
    open: fc.option(fc.nat(SIZE - 1), { nil: undefined, freq: 2 }),
    startsOnFirstDay: fc.boolean(),
    version: fc.nat(3),
    more: fc.nat(2),
  })
  .map(({ window, present, open, ...rest }): PageStep => {
    const upTo = open === undefined ? window.to : Math.min(window.to, open + 1);
    const have = (what: string): number[] =>
      numbers(window.from, upTo).filter((index) => present[index] === what);
    return {
      do: 'page',
      ...window,
      ...rest,
      rows: have('row'),
      skipped: have('skipped'),
      openIndex: open,
    };
  });

export const anySpan = fc
  .record({ what: fc.constantFrom('fail' as const, 'list' as const), span: anyPair })
  .map(({ what, span }): SpanStep => ({ do: what, ...span }));
