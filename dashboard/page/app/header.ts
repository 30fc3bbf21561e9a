import type { Overview } from '../../api.js';
import { formatShort, plural } from '../../../domain/format.js';
import { el, setText } from '../dom/element.js';
import { banText } from './ban-text.js';
import { routeHash, VIEW_NAMES, type ViewName } from './router.js';

export const VIEW_TITLES: Readonly<Record<ViewName, string>> = {
  coverage: 'Coverage',
  candles: 'Candles',
  tickers: 'Tickers',
  runs: 'Runs',
  health: 'Health',
};

export interface Header {
  show(overview: Overview): void;
  mark(view: ViewName): void;
  /** Says that the server is away, or takes that back. */
  setReached(reached: boolean): void;
}

/** What stands above every view. */
export function createHeader(): Header {
  const links = new Map(
    VIEW_NAMES.map((view) => [view, el('a', { href: routeHash(view) }, VIEW_TITLES[view])]),
  );
  part('views').append(...links.values());
  const lost = part('lost');
  const banned = part('banned');
  return {
    show: ({ source, simulated, totals, bannedUntilMs, nowMs }) => {
      const ban = banText(bannedUntilMs, nowMs);
      banned.hidden = ban === undefined;
      setText(banned, ban ?? '');
      setText(part('source'), source === '' ? 'empty database' : source);
      part('simulated').hidden = !simulated;
      const { series, candles, gaps } = totals;
      setText(
        part('totals'),
        `${plural(series, 'series')} · ${formatShort(candles)} candles · ${plural(gaps, 'open gap')}`,
      );
    },
    mark: (view) => {
      for (const [name, link] of links) {
        if (name === view) link.setAttribute('aria-current', 'page');
        else link.removeAttribute('aria-current');
      }
    },
    setReached: (reached) => {
      if (lost.hidden === reached) return;
      lost.hidden = reached;
      setText(lost, reached ? '' : 'The server does not answer. Trying again …');
    },
  };
}

/** @throws when index.html lacks it */
export function part(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html lacks #${id}`);
  return element;
}
