import type { Health } from '../../api.js';
import { formatCount, formatMinute, formatSeconds } from '../../../domain/format.js';
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
  if (budget === undefined) return card('Requests', el('p', {}, 'Not known without Redis.'));
  const { used, limit, bannedUntilMs } = budget;
  const label = `${formatCount(used)} of ${formatCount(limit)} in the last 5 s`;
  const banned = bannedUntilMs !== undefined && bannedUntilMs > nowMs;
  return card(
    'Requests',
    el('meter', { min: 0, max: limit, value: used, 'aria-label': label }),
    el('p', { class: 'numbers' }, label),
    banned ? bannedLine(bannedUntilMs, nowMs) : undefined,
  );
}

function bannedLine(untilMs: number, nowMs: number): HTMLElement {
  const left = formatSeconds((untilMs - nowMs) / 1000);
  const text = ` The venue refuses this address until ${formatMinute(untilMs)}, for ${left}.`;
  return el('p', {}, badge('waiting', 'bad'), text);
}
