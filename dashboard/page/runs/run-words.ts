import type { RunProgress } from '../../api.js';
import { formatCount, formatSeconds, formatShort, plural } from '../../../domain/format.js';
import type { RunPace } from '../../../domain/rate-meter.js';

/** `12 of 50 symbols · 1.2M of 4.5M candles · 1,234 requests`. */
export function progressText(progress: RunProgress): string {
  const { candles, plannedCandles, symbolsDone, symbolsTotal, requests } = progress;
  const stored = formatShort(candles);
  return [
    `${formatCount(symbolsDone)} of ${plural(symbolsTotal, 'symbol')}`,
    plannedCandles > 0
      ? `${stored} of ${formatShort(plannedCandles)} candles`
      : `${stored} candles`,
    plural(requests, 'request'),
  ].join(' · ');
}

/** `12.3k candles/s · about 3 min 20 s left`; empty before it can be told. */
export function paceText(pace: RunPace | undefined): string {
  if (pace === undefined) return '';
  const rate = `${formatShort(Math.round(pace.candlesPerSecond))} candles/s`;
  if (pace.secondsLeft === undefined) return rate;
  return `${rate} · about ${formatSeconds(Math.ceil(pace.secondsLeft))} left`;
}
