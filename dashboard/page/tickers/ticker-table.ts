import type { TickerUpdate } from '../../api.js';
import { formatSeconds } from '../../../domain/format.js';
import { routeHash } from '../app/router.js';
import { el, setText } from '../dom/element.js';
import { isStale, sortBy, type TickerColumn, type TickerSort } from './ticker-order.js';
import { changeText, shortText } from './ticker-text.js';

interface Column {
  readonly column: TickerColumn;
  readonly title: string;
  readonly text: (ticker: TickerUpdate) => string;
}

/** All but the symbol and the age, which are drawn in their own way; on a phone the age is in sight. */
const BEFORE_AGE = 2;
const FIGURES: readonly Column[] = [
  { column: 'lastPrice', title: 'Last', text: ({ lastPrice }) => lastPrice },
  { column: 'price24hPct', title: '24 h', text: ({ price24hPct }) => changeText(price24hPct) },
  { column: 'high24h', title: 'High', text: ({ high24h }) => high24h },
  { column: 'low24h', title: 'Low', text: ({ low24h }) => low24h },
  { column: 'turnover24h', title: 'Turnover', text: ({ turnover24h }) => shortText(turnover24h) },
];

interface Row {
  readonly element: HTMLTableRowElement;
  readonly figures: readonly HTMLTableCellElement[];
  readonly age: HTMLTableCellElement;
}

/** A table whose rows are kept and only change their texts: hundreds of prices move every second. */
export class TickerTable {
  readonly element: HTMLElement;
  readonly #rows = new Map<string, Row>();
  readonly #body = el('tbody');
  readonly #heads = new Map<TickerColumn, HTMLTableCellElement>();

  constructor(sort: TickerSort, onSort: (sort: TickerSort) => void) {
    let current = sort;
    const head = ({ column, title }: Pick<Column, 'column' | 'title'>): HTMLElement => {
      const button = el('button', { class: 'sort' }, title);
      button.addEventListener('click', () => {
        current = sortBy(current, column);
        this.#markSort(current);
        onSort(current);
      });
      const cell = el('th', { scope: 'col', 'data-column': column }, button);
      this.#heads.set(column, cell);
      return cell;
    };
    const heads = [
      head({ column: 'symbol', title: 'Symbol' }),
      ...FIGURES.slice(0, BEFORE_AGE).map(head),
      head({ column: 'updatedAtMs', title: 'Age' }),
      ...FIGURES.slice(BEFORE_AGE).map(head),
    ];
    this.element = el(
      'div',
      { class: 'table-frame', tabindex: 0, role: 'region', 'aria-label': 'Tickers' },
      el('table', { class: 'tickers' }, el('thead', {}, el('tr', {}, ...heads)), this.#body),
    );
    this.#markSort(current);
  }

  /** Takes over the texts of a ticker. */
  update(ticker: TickerUpdate): void {
    const row = this.#rowOf(ticker.symbol);
    FIGURES.forEach(({ text }, index) => {
      const cell = row.figures[index];
      if (cell !== undefined) setText(cell, text(ticker));
    });
    const change = Math.sign(Number(ticker.price24hPct));
    row.element.dataset['change'] = change > 0 ? 'up' : change < 0 ? 'down' : 'none';
  }

  /** Shows exactly `tickers`, in their order, with their ages at `nowMs`. */
  show(tickers: readonly TickerUpdate[], nowMs: number): void {
    const wanted = tickers.map(({ symbol }) => this.#rowOf(symbol).element);
    const same =
      wanted.length === this.#body.children.length &&
      wanted.every((element, index) => this.#body.children[index] === element);
    // a row that is moved loses the focus that somebody has put into it
    const isUsed = this.#body.contains(document.activeElement);
    if (!same && !(isUsed && wanted.length === this.#body.children.length))
      this.#body.replaceChildren(...wanted);
    for (const { symbol, updatedAtMs } of tickers) this.#showAge(symbol, updatedAtMs, nowMs);
  }

  remove(symbol: string): void {
    this.#rows.get(symbol)?.element.remove();
    this.#rows.delete(symbol);
  }

  #showAge(symbol: string, updatedAtMs: number, nowMs: number): void {
    const { element, age } = this.#rowOf(symbol);
    const seconds = Math.floor(Math.max(0, nowMs - updatedAtMs) / 1000);
    const stale = isStale(updatedAtMs, nowMs);
    setText(age, `${seconds < 1 ? '< 1 s' : formatSeconds(seconds)}${stale ? ' stale' : ''}`);
    element.classList.toggle('stale', stale);
  }

  #rowOf(symbol: string): Row {
    const known = this.#rows.get(symbol);
    if (known !== undefined) return known;
    const figures = FIGURES.map(({ column }) => el('td', { 'data-column': column }));
    const age = el('td', { 'data-column': 'updatedAtMs' });
    const link = el('a', { href: routeHash('candles', { symbol, timeframe: '5m' }) }, symbol);
    const name = el('th', { scope: 'row' }, link);
    const row = {
      element: el('tr', {}, name, ...figures.toSpliced(BEFORE_AGE, 0, age)),
      figures,
      age,
    };
    this.#rows.set(symbol, row);
    return row;
  }

  #markSort({ column, descending }: TickerSort): void {
    for (const [name, cell] of this.#heads) {
      if (name === column) cell.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      else cell.removeAttribute('aria-sort');
    }
  }
}
