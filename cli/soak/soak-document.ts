import { isoSeconds } from '../render/format.js';
import { streamDocument } from '../stream/stream-document.js';
import { hasPassed, type SoakFindings } from './soak-findings.js';
import { newestCandleMs, type SoakSample } from './soak-sample.js';

/** The JSON of `m1 soak --json`, and of a report whose file is named `.json`. */
export function soakDocument(findings: SoakFindings): Record<string, unknown> {
  const { source, symbols, record, criteria } = findings;
  return {
    status: hasPassed(findings) ? 'passed' : 'failed',
    source: source ?? null,
    symbols,
    started: isoSeconds(record.startedAtMs),
    seconds: seconds(record.ranMs),
    wanted_seconds: seconds(record.wantedMs),
    criteria: criteria.map(({ name, passed, measured, bound }) => ({
      ...{ name, passed, measured },
      allowed: bound,
    })),
    missing: (record.series ?? []).filter(({ missing }) => missing > 0),
    samples: record.samples.map(sampleDocument),
  };
}

function sampleDocument(sample: SoakSample): Record<string, unknown> {
  const { atMs, standing, beating, redisUpSeconds, candles } = sample;
  const { state, figures } = streamDocument(standing);
  const newestMs = newestCandleMs(candles);
  return {
    seconds: seconds(atMs),
    ...{ state, beating },
    redis: redisUpSeconds !== undefined,
    newest_candle: newestMs === undefined ? null : isoSeconds(newestMs),
    missing: candles?.missing ?? null,
    figures,
  };
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
