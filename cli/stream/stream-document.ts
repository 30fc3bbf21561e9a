import type { StreamFigures } from '../../domain/stream.js';
import { streamWord, type StreamStanding } from '../../steering/stream-standing.js';

/** What `m1 runs show stream --json` tells beside what it tells of every run. */
export function streamDocument(standing: StreamStanding): Record<string, unknown> {
  const { status, activity } = standing;
  const figures = activity?.figures;
  return {
    state: streamWord(standing),
    source: status?.source ?? null,
    symbols: status?.symbols ?? [],
    rotations: status?.rotations ?? null,
    figures: figures === undefined ? null : figuresDocument(figures),
  };
}

function figuresDocument(figures: StreamFigures): Record<string, unknown> {
  return {
    connections: figures.connections,
    live_connections: figures.liveConnections,
    messages: figures.messages,
    tickers_written: figures.tickersWritten,
    tickers_dropped: figures.tickersDropped,
    candles_stored: figures.candlesStored,
    revisions: figures.revisions,
    reconnects: figures.reconnects,
    gaps: figures.gaps,
    lag_p50_ms: figures.lagMs?.p50 ?? null,
    lag_p99_ms: figures.lagMs?.p99 ?? null,
    data_age_ms: figures.dataAgeMs ?? null,
    refused_topics: figures.refusedTopics,
    last_error: figures.lastError ?? null,
    rss_bytes: figures.rssBytes,
  };
}
