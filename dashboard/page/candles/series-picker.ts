import type { ListedSeries } from '../../api.js';
import { TIMEFRAMES, type Timeframe } from '../../../domain/timeframe.js';
import { createChoice } from '../dom/choice.js';
import { el } from '../dom/element.js';

export interface SeriesPicker {
  readonly element: HTMLElement;
  offer(series: readonly ListedSeries[]): void;
  /** Shows a choice that was made elsewhere. */
  choose(symbol: string, timeframe: Timeframe): void;
}

export interface SeriesPickerOptions {
  readonly onChoose: (symbol: string, timeframe: Timeframe) => void;
  /** A symbol was entered of which nothing is stored; undefined: it stands there no more. */
  readonly onUnknown: (symbol: string | undefined) => void;
}

/** A field that searches the stored symbols, and the timeframes. */
export function createSeriesPicker({ onChoose, onUnknown }: SeriesPickerOptions): SeriesPicker {
  let symbol = '';
  let timeframe: Timeframe = '1h';
  let known: ReadonlySet<string> = new Set();
  const list = el('datalist', { id: 'symbols' });
  const input = el('input', {
    list: 'symbols',
    type: 'search',
    placeholder: 'Symbol',
    'aria-label': 'Symbol',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const times = el('div', { class: 'bare' });
  const chosen = (): void => onChoose(symbol, timeframe);
  const drawTimes = (): void =>
    times.replaceChildren(
      createChoice({
        label: 'Timeframe',
        values: TIMEFRAMES,
        chosen: timeframe,
        onChoose: (value) => {
          timeframe = value;
          if (symbol !== '') chosen();
        },
      }),
    );
  const typed = (): string => input.value.trim().toUpperCase();
  const take = (): void => {
    const wanted = typed();
    if (!known.has(wanted) || wanted === symbol) return;
    symbol = wanted;
    input.value = wanted;
    chosen();
  };
  // a click into the list is an input event without a change event
  input.addEventListener('input', (event) => {
    onUnknown(undefined);
    if (!(event instanceof InputEvent) || event.inputType === 'insertReplacementText') take();
  });
  input.addEventListener('change', () => {
    take();
    // before the first offer nobody knows
    if (known.size > 0 && typed() !== '' && !known.has(typed())) onUnknown(typed());
  });
  input.addEventListener('focus', () => input.select());
  drawTimes();
  return {
    element: el('div', { class: 'picker' }, input, list, times),
    offer: (series) => {
      const symbols = new Set(series.map((one) => one.symbol));
      if (symbols.size === known.size && [...symbols].every((name) => known.has(name))) return;
      known = symbols;
      list.replaceChildren(...[...symbols].sort().map((value) => el('option', { value })));
    },
    choose: (otherSymbol, otherTimeframe) => {
      symbol = otherSymbol;
      timeframe = otherTimeframe;
      input.value = symbol;
      drawTimes();
    },
  };
}
