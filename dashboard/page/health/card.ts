import { el, type Child } from '../dom/element.js';

export function card(title: string, ...children: readonly Child[]): HTMLElement {
  return el('section', { class: 'card' }, el('h2', {}, title), ...children);
}

/** Names and values. */
export function facts(...pairs: readonly (readonly [string, Child])[]): HTMLElement {
  return el(
    'dl',
    {},
    ...pairs.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
  );
}

export function badge(text: string, kind: 'good' | 'warn' | 'bad'): HTMLElement {
  return el('span', { class: 'badge', 'data-kind': kind }, text);
}

/** A small table; the first cell of a row is its head. */
export function table(heads: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
  return el(
    'table',
    {},
    el('thead', {}, el('tr', {}, ...heads.map((text) => el('th', { scope: 'col' }, text)))),
    el('tbody', {}, ...rows.map(tableRow)),
  );
}

function tableRow([head, ...cells]: readonly Child[]): HTMLElement {
  return el('tr', {}, el('th', { scope: 'row' }, head), ...cells.map((cell) => el('td', {}, cell)));
}
