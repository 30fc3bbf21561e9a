import type { Health } from '../../api.js';
import { formatCount } from '../../../domain/format.js';
import { banText } from '../app/ban-text.js';
import { el } from '../dom/element.js';
import { command } from '../dom/empty.js';
import { badge, card, facts } from './card.js';

export function serverCard(servers: Health['servers']): HTMLElement {
  const items = servers.map(({ name, ok, says }) =>
    el(
      'li',
      {},
      badge(ok ? 'up' : 'down', ok ? 'good' : 'bad'),
      el('strong', {}, name),
      el('span', { class: 'hint' }, says),
    ),
  );
  return card('Servers', el('ul', { class: 'servers' }, ...items));
}

export function workerCard(workers: number): HTMLElement {
  if (workers > 0)
    return card('Workers', facts(['polling now', badge(formatCount(workers), 'good')]));
  return card(
    'Workers',
    el('p', {}, badge('none', 'bad'), ' No worker is running: start ', command('npx m1 worker')),
    el('p', { class: 'hint' }, 'or ', command('npx m1 up')),
  );
}

export function streamCard(stream: Health['stream']): HTMLElement {
  if (stream === undefined)
    return card(
      'Stream',
      el('p', {}, 'Not running: start ', command('npx m1 stream --top 50 --detach')),
    );
  const { state, symbols, lagMs, reconnects, gaps } = stream;
  return card(
    'Stream',
    facts(
      ['state', badge(state, state === 'live' ? 'good' : 'warn')],
      ['pairs', formatCount(symbols)],
      ['lag', lagMs === undefined ? '–' : `${formatCount(lagMs)} ms`],
      ['reconnects', formatCount(reconnects)],
      ['gaps', formatCount(gaps)],
    ),
  );
}

export function budgetCard(budget: Health['budget'], nowMs: number): HTMLElement {
  const { used, bannedUntilMs } = budget;
  const ban = banText(bannedUntilMs, nowMs);
  return card(
    'Requests',
    ...(used === undefined
      ? [el('p', {}, 'Not known without Redis.')]
      : useLines({ ...budget, used })),
    ban === undefined ? undefined : el('p', {}, badge('waiting', 'bad'), ` ${ban}`),
  );
}

function useLines({ used, limit }: { readonly used: number; readonly limit: number }) {
  const label = `${formatCount(used)} of ${formatCount(limit)} in the last 5 s`;
  return [
    el('meter', { min: 0, max: limit, value: used, 'aria-label': label }),
    el('p', { class: 'numbers' }, label),
  ];
}
