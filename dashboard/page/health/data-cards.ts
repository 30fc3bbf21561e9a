import type { Health } from '../../api.js';
import { formatCount, formatSeconds } from '../../../domain/format.js';
import { timeframeMs } from '../../../domain/timeframe.js';
import { el } from '../dom/element.js';
import { GAP_NAMES } from '../gaps/gap-words.js';
import { badge, card, table } from './card.js';

/** A series is behind when its newest candle should have had two successors. */
const LATE_CANDLES = 2;

export function lagCard(lag: Health['lag']): HTMLElement {
  if (lag.length === 0) return card('Behind', el('p', {}, 'No series is followed.'));
  const rows = lag.map(({ timeframe, behindMs, series }) => [
    timeframe,
    formatCount(series),
    badge(
      formatSeconds(Math.round(behindMs / 1000)),
      behindMs > LATE_CANDLES * timeframeMs(timeframe) ? 'warn' : 'good',
    ),
  ]);
  return card('Behind', table(['Timeframe', 'Series', 'Slowest'], rows));
}

export function gapCard(gaps: Health['openGaps']): HTMLElement {
  if (gaps.length === 0) return card('Open gaps', el('p', {}, 'None.'));
  const rows = gaps.map(({ kind, gaps: count, candles }) => [
    el('span', {}, el('span', { class: 'swatch', 'data-shade': kind }), GAP_NAMES[kind]),
    formatCount(count),
    formatCount(candles),
  ]);
  return card('Open gaps', table(['Kind', 'Gaps', 'Candles'], rows));
}
