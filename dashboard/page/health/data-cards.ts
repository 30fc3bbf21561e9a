import type { Health } from '../../api.js';
import { formatCount, formatSeconds, plural } from '../../../domain/format.js';
import { freshnessBoundMs } from '../../../domain/freshness.js';
import { el } from '../dom/element.js';
import { command } from '../dom/empty.js';
import { GAP_NAMES } from '../gaps/gap-words.js';
import { badge, card, table } from './card.js';

export function lagCard(lag: Health['lag']): HTMLElement {
  if (lag.length === 0) return card('Behind', nothingFollowed());
  const rows = lag.map(({ timeframe, behindMs, series }) => [
    timeframe,
    formatCount(series),
    badge(
      formatSeconds(Math.round(behindMs / 1000)),
      behindMs > freshnessBoundMs(timeframe) ? 'warn' : 'good',
    ),
  ]);
  return card('Behind', table(['Timeframe', 'Series', 'Slowest'], rows));
}

function nothingFollowed(): HTMLElement {
  return el(
    'p',
    {},
    'Nothing is kept up to date: ',
    command('npx m1 sync start'),
    ' or ',
    command('npx m1 collect'),
  );
}

export function gapCard({
  openGaps,
  outsideCandles,
}: Pick<Health, 'openGaps' | 'outsideCandles'>): HTMLElement {
  const rows = openGaps.map(({ kind, gaps: count, candles }) => [
    el('span', {}, el('span', { class: 'swatch', 'data-shade': kind }), GAP_NAMES[kind]),
    formatCount(count),
    formatCount(candles),
  ]);
  const outside = `Outside of trading, before a listing or after a delisting: ${plural(outsideCandles, 'candle')}.`;
  return card(
    'Open gaps',
    rows.length === 0 ? el('p', {}, 'None.') : table(['Kind', 'Gaps', 'Candles'], rows),
    outsideCandles === 0 ? undefined : el('p', { class: 'hint' }, outside),
  );
}
