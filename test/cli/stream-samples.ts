import type { StreamFigures, StreamStatus } from '../../domain/stream.js';
import { microsecondTime, type TickerHash } from '../../storage/ticker-hash.js';
import type { StreamPicture } from '../../cli/render/stream-lines.js';
import type { StreamActivity, StreamStanding } from '../../steering/stream-standing.js';

export const NOW_MS = Date.parse('2026-02-15T09:30:10Z');

export const FIGURES: StreamFigures = {
  state: 'live',
  connections: 2,
  liveConnections: 2,
  symbols: 2,
  sinceMs: NOW_MS - 60_000,
  messages: 6_000,
  tickersWritten: 5_000,
  tickersDropped: 3,
  candlesStored: 120,
  revisions: 0,
  reconnects: 1,
  gaps: 4,
  lagMs: { p50: 3.4, p99: 11.2 },
  dataAgeMs: 20,
  refusedTopics: [],
  lastError: undefined,
  rssBytes: 200_000_000,
};

/** What an unreachable venue gives after the first attempt. */
export const UNREACHABLE: StreamFigures = {
  ...FIGURES,
  state: 'reconnecting',
  liveConnections: 0,
  messages: 0,
  tickersWritten: 0,
  candlesStored: 0,
  lastError: 'connect ECONNREFUSED 127.0.0.1:1',
};

export const STATUS: StreamStatus = {
  phase: 'live',
  source: 'bybit',
  pairs: { kind: 'top', count: 2 },
  symbols: ['BTCUSDT', 'ETHUSDT'],
  startedAtMs: NOW_MS - 60_000,
  rotations: 0,
};

export function activity(part: Partial<StreamActivity> = {}): StreamActivity {
  return {
    started: true,
    figures: FIGURES,
    heartbeatAtMs: NOW_MS,
    lastFailure: undefined,
    ...part,
  };
}

export function standing(part: Partial<StreamStanding> = {}): StreamStanding {
  return { status: STATUS, answered: true, activity: activity(), ...part };
}

/** @param ageMs since its last update */
export function ticker(part: Partial<TickerHash> = {}, ageMs = 400): TickerHash {
  return {
    symbol: 'BTCUSDT',
    last_price: '97123.45',
    price_24h_pct: '0.0068',
    high_24h: '98000',
    low_24h: '95000.5',
    volume_24h: '12345.678',
    turnover_24h: '1198765432.1',
    updated_at: microsecondTime(NOW_MS - ageMs),
    ...part,
  };
}

export function picture(part: Partial<StreamPicture> = {}): StreamPicture {
  return {
    standing: standing(),
    messagesPerSecond: 812.4,
    tickers: new Map([
      ['BTCUSDT', ticker()],
      ['ETHUSDT', ticker({ symbol: 'ETHUSDT', last_price: '3400.1', price_24h_pct: '-0.0123' })],
    ]),
    notices: [],
    nowMs: NOW_MS,
    hint: 'Ctrl-C stops the stream',
    ...part,
  };
}
