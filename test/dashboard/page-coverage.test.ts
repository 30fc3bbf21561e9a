import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CoverageGrid, ListedGap } from '../../dashboard/api.js';
import { carryChoice } from '../../dashboard/page/coverage-grid/carry-choice.js';
import {
  blockOf,
  fitChoice,
  moveBy,
  selectCell,
  selectUpTo,
  toggleCursor,
  type CellChoice,
} from '../../dashboard/page/coverage-grid/cell-choice.js';
import {
  countShades,
  dayCell,
  describeCell,
  hasDateLabel,
  percentText,
  rangesOf,
  rowsOf,
  stepsFor,
} from '../../dashboard/page/coverage-grid/coverage-cells.js';
import { shadeOf } from '../../dashboard/page/coverage-grid/day-shade.js';
import {
  cellAt,
  firstToShow,
  layOutGrid,
  windowAt,
} from '../../dashboard/page/coverage-grid/grid-layout.js';
import { repairOutcome } from '../../dashboard/page/coverage-grid/repair-outcome.js';
import { rowCountText } from '../../dashboard/page/coverage-grid/row-count-text.js';

const DAY = 86_400_000;
const FROM = Date.UTC(2026, 0, 1);
const GRID: CoverageGrid = {
  timeframe: '5m',
  fromMs: FROM,
  days: 3,
  rows: [
    { symbol: 'BTCUSDT', states: '633', stored: [100, 40, 0] },
    { symbol: 'ETHUSDT', states: '752', stored: [0, 98, 99.96] },
  ],
};

describe('states of days', () => {
  it('shows a day of which some was never asked for as partly there', () => {
    expect([0, 1, 2].map((column) => shadeOf('633', column, [100, 40, 0][column] ?? 0))).toEqual([
      'complete',
      'partly',
      'missing',
    ]);
  });

  it('shows a code that it does not know, or none, as outside', () => {
    expect([shadeOf('9', 0, 0), shadeOf('x', 0, 0), shadeOf('', 0, 0)]).toEqual(
      Array(3).fill('outside'),
    );
  });

  it('describes a cell, and never calls a day whole that is not', () => {
    const cell = dayCell(GRID, GRID.rows, { row: 1, column: 2 });
    expect(cell && describeCell(cell)).toBe('ETHUSDT, 2026-01-03: unconfirmed, 99.9 % stored');
    expect(percentText(99.999)).toBe('99.9 %');
    expect(percentText(100)).toBe('100 %');
    expect(dayCell(GRID, GRID.rows, { row: 2, column: 0 })).toBeUndefined();
  });

  it('asks for whole days of each selected symbol', () => {
    const block = { top: 0, left: 1, bottom: 1, right: 2 };
    const common = { timeframe: '5m', fromMs: FROM + DAY, toMs: FROM + 3 * DAY };
    expect(rangesOf(GRID, GRID.rows, block)).toEqual([
      { symbol: 'BTCUSDT', ...common },
      { symbol: 'ETHUSDT', ...common },
    ]);
    expect(new Map(countShades(GRID, GRID.rows, block))).toEqual(
      new Map([
        ['partly', 1],
        ['missing', 1],
        ['no_trades', 1],
        ['unconfirmed', 1],
      ]),
    );
  });

  it('finds symbols by a part of their name, and dates for which there is room', () => {
    expect(rowsOf(GRID, ' eth').map(({ symbol }) => symbol)).toEqual(['ETHUSDT']);
    expect(hasDateLabel(Date.UTC(2026, 0, 5), 12)).toBe(true);
    expect(hasDateLabel(Date.UTC(2026, 0, 1), 12)).toBe(false);
    expect(hasDateLabel(Date.UTC(2026, 0, 1), 3)).toBe(true);
  });
});

describe('the cursor', () => {
  const size = { rows: 5, columns: 4 };
  const start: CellChoice = { cursor: { row: 0, column: 3 }, selected: undefined };

  it('never leaves the grid, whatever keys come', () => {
    const keys = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'End'];
    const press = fc.tuple(fc.constantFrom(...keys, 'Home', 'x'), fc.boolean());
    fc.assert(
      fc.property(fc.array(press), (pressed) => {
        const { cursor } = pressed.reduce(
          (choice, [key, extend]) => moveBy(choice, key, size, extend) ?? choice,
          start,
        );
        return cursor.row >= 0 && cursor.row < 5 && cursor.column >= 0 && cursor.column < 4;
      }),
    );
  });

  it('extends what is selected from the cell where it began', () => {
    const down = moveBy(start, 'ArrowDown', size, true) ?? start;
    const left = moveBy(down, 'ArrowLeft', size, true) ?? start;
    expect(blockOf(left.selected)).toEqual({ top: 0, left: 2, bottom: 1, right: 3 });
    const moved = moveBy(left, 'ArrowDown', size, false);
    expect(moved?.selected).toEqual(left.selected);
    expect(moveBy(start, 'Tab', size, false)).toBeUndefined();
  });

  it('selects by Space and takes it back', () => {
    const one = toggleCursor(start);
    expect(blockOf(one.selected)).toEqual({ top: 0, left: 3, bottom: 0, right: 3 });
    expect(toggleCursor(one).selected).toBeUndefined();
    const more = selectUpTo(selectCell({ row: 4, column: 0 }), { row: 2, column: 1 });
    expect(blockOf(more.selected)).toEqual({ top: 2, left: 0, bottom: 4, right: 1 });
  });

  it('is put back into a grid that has become smaller', () => {
    const choice = selectCell({ row: 4, column: 3 });
    expect(fitChoice(choice, { rows: 2, columns: 4 })?.cursor).toEqual({ row: 1, column: 3 });
    expect(fitChoice(choice, { rows: 0, columns: 4 })).toBeUndefined();
  });
});

describe('a grid larger than its frame', () => {
  const sizes = fc.record({
    width: fc.integer({ min: 300, max: 2000 }),
    height: fc.integer({ min: 120, max: 1200 }),
    rows: fc.integer({ min: 1, max: 800 }),
    columns: fc.integer({ min: 1, max: 365 }),
  });

  it('shows its last cell when it is scrolled to the end, and finds it under the pointer', () => {
    fc.assert(
      fc.property(sizes, ({ width, height, rows, columns }) => {
        const size = { rows, columns };
        const layout = layOutGrid(width, height, size);
        const { labelWidth, headHeight, cellWidth, cellHeight } = layout;
        const endLeft = Math.max(0, labelWidth + columns * cellWidth - width);
        const endTop = Math.max(0, headHeight + rows * cellHeight - height);
        const window = windowAt(layout, size, endLeft, endTop);
        const x = labelWidth + (window.columns - 0.5) * cellWidth;
        const y = headHeight + (window.rows - 0.5) * cellHeight;
        expect(cellAt(layout, window, x, y)).toEqual({ row: rows - 1, column: columns - 1 });
      }),
    );
  });

  it('scrolls no more than it must', () => {
    expect([firstToShow(10, 5, 12), firstToShow(10, 5, 9), firstToShow(10, 5, 15)]).toEqual([
      10, 9, 11,
    ]);
  });
});

describe('a choice in a newer grid', () => {
  const axes = (symbols: string, fromDay = 0, timeframe: '5m' | '1h' = '5m') => ({
    ...{
      timeframe,
      fromMs: FROM + fromDay * DAY,
      days: 30,
      symbols: symbols === '' ? [] : symbols.split(' '),
    },
  });
  const choice: CellChoice = {
    cursor: { row: 1, column: 20 },
    selected: { anchor: { row: 0, column: 10 }, head: { row: 1, column: 20 } },
  };

  it('stays with its pairs and days while rows and days are added', () => {
    expect(carryChoice(choice, axes('B C'), axes('A B C D', 3))).toEqual({
      cursor: { row: 2, column: 17 },
      selected: { anchor: { row: 1, column: 7 }, head: { row: 2, column: 17 } },
    });
    expect(carryChoice(choice, axes('B C'), axes('B C'))).toEqual(choice);
    // of days that are no longer shown the rest stays
    expect(carryChoice(choice, axes('B C'), axes('B C', 15))?.selected?.anchor.column).toBe(0);
  });

  it('is given up where it would be about something else', () => {
    const others = [
      axes('B A C'),
      axes('B'),
      axes('B C', 0, '1h'),
      axes('B C', 21),
      axes('B C', -20),
    ];
    for (const other of others) {
      expect(carryChoice(choice, axes('B C'), other)).toMatchObject({ selected: undefined });
    }
    expect(carryChoice(choice, axes('B C'), axes(''))).toBeUndefined();
  });
});

it('says what came of a repair once all gaps were asked for', () => {
  const gap = (fromDay: number, lastAskedMs: number, asked: number, days = 2): ListedGap =>
    ({
      ...{ symbol: 'BTCUSDT', timeframe: '5m', kind: 'unconfirmed', lastAskedMs, asked },
      ...{ fromMs: fromDay * DAY, toMs: (fromDay + days) * DAY },
    }) as ListedGap;
  const before = [gap(0, 5, 1), gap(10, 5, 1)];
  expect(repairOutcome(before, before)).toBeUndefined();
  expect(repairOutcome(before, [gap(0, 6, 2), gap(10, 5, 1)])).toBeUndefined();
  expect(repairOutcome(before, [gap(20, 1, 1)])).toBe('2 gaps closed.');
  // a part of it came
  expect(repairOutcome(before, [gap(1, 6, 2, 1)])).toBe(
    '1 gap closed, 1 still missing: ByBit does not have them (asked 2 times).',
  );
  expect(repairOutcome(before, [{ ...gap(1, 6, 2), kind: 'failed' }])).toBe(
    '1 gap closed, 1 still missing: ByBit gave no usable answer.',
  );
});

it('says how many rows there are, and which are gone', () => {
  const whole = { candles: 288, stored: 288, lost: 0 };
  expect(rowCountText([whole])).toBe('Counted in the table: 288 of 288 candles.');
  expect(rowCountText([whole, { candles: 288, stored: 221, lost: 67 }])).toBe(
    'Counted in the table: 509 of 576 candles. ' +
      '67 recorded as stored are gone: m1 verify --repair loads them again.',
  );
});

it('offers a repair only where it would ask, and a backfill where nobody has asked', () => {
  expect(stepsFor(['complete', 'missing'])).toEqual({ repair: false, backfill: true });
  expect(stepsFor(['unconfirmed', 'partly'])).toEqual({ repair: true, backfill: true });
  expect(stepsFor(['complete', 'no_trades', 'outside'])).toEqual({
    ...{ repair: false, backfill: false },
  });
});
