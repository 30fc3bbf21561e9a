import { el } from '../dom/element.js';
import { SHADE_MEANINGS, SHADE_NAMES, SHADES, type Shade } from './day-shade.js';

/** The colours and their names. */
export function createLegend(): HTMLElement {
  const items = SHADES.map((shade) =>
    el('li', { title: SHADE_MEANINGS[shade] }, swatch(shade), SHADE_NAMES[shade]),
  );
  return el('ul', { class: 'legend', 'aria-label': 'Legend' }, ...items);
}

export function swatch(shade: Shade): HTMLElement {
  return el('span', { class: 'swatch', 'data-shade': shade });
}
