import { el, type Child } from './element.js';

/** What stands where there is nothing to show: the cause, and the next step. */
export function emptyState(cause: string, ...next: readonly Child[]): HTMLElement {
  return el('div', { class: 'empty' }, el('p', {}, cause), el('p', {}, ...next));
}

export function command(text: string): HTMLElement {
  return el('code', {}, text);
}
