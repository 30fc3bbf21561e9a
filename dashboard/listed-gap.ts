import type { GapRecord } from '../domain/gap.js';
import { timeframeMs } from '../domain/timeframe.js';
import type { TemporalConfig } from '../runtime/config.js';
import { runLink } from '../steering/web-ui.js';
import type { ListedGap, RunLink } from './api.js';

/** A gap as the page shows it. */
export function listedGap(temporal: TemporalConfig, gap: GapRecord): ListedGap {
  const { symbol, timeframe, period, kind, reason, asked } = gap;
  return {
    ...{ symbol, timeframe, kind, reason, asked },
    ...period,
    candles: Math.round((period.toMs - period.fromMs) / timeframeMs(timeframe)),
    foundAtMs: gap.foundAtMs,
    lastAskedMs: gap.lastAskedMs,
    nextAskMs: gap.nextAskMs,
    runs: runsOf(temporal, gap),
  };
}

/** Those that were answered without its candles, newest first, then who found it. */
function runsOf(temporal: TemporalConfig, { foundBy, answers }: GapRecord): RunLink[] {
  const runs = new Map(
    answers
      .toReversed()
      .map(({ workflowId, runId }): [string, RunLink] => [
        `${workflowId} ${runId}`,
        { workflowId, runId, url: runLink(temporal, { workflowId, runId }) },
      ]),
  );
  const known = [...runs.values()];
  if (known.some(({ workflowId }) => workflowId === foundBy)) return known;
  // its run is not recorded
  return [...known, { workflowId: foundBy, runId: undefined, url: undefined }];
}
