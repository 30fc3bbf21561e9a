import { performance } from 'node:perf_hooks';
import type { Market } from './market.js';
import type { OpenCandles } from './open-candles.js';
import { atLeastZero, type SimulatorOptions } from './options.js';
import type { StreamHandles } from './stream-admin.js';
import { StreamControl } from './stream-control.js';
import { StreamFaults } from './stream-faults.js';
import { StreamServer } from './stream-server.js';
import { StreamStats } from './stream-stats.js';
import type { TickerBoard } from './ticker-board.js';

const DEFAULT_TICKER_MS = 250;
const DEFAULT_KLINE_MS = 1000;
/** The venue sends no topic more often. */
const LEAST_INTERVAL_MS = 50;
const DEFAULT_BUSY_PAIRS = 50;
const DEFAULT_BUFFER_BYTES = 8_000_000;

/** Builds the stream of a market. Thrown: an Error with the name when an option is wrong. */
export function openStream(
  parts: { market: Market; candles: OpenCandles; board: TickerBoard },
  options: SimulatorOptions,
): { server: StreamServer; stream: StreamHandles } {
  const faults = new StreamFaults(() => performance.now());
  const stats = new StreamStats();
  const intervalMs = (name: 'tickerIntervalMs' | 'klineIntervalMs', byDefault: number): number =>
    Math.max(LEAST_INTERVAL_MS, atLeastZero(name, options[name] ?? byDefault));
  const server = new StreamServer({
    ...parts,
    faults,
    stats,
    tickerIntervalMs: intervalMs('tickerIntervalMs', DEFAULT_TICKER_MS),
    klineIntervalMs: intervalMs('klineIntervalMs', DEFAULT_KLINE_MS),
    busyPairs: atLeastZero('busyPairs', options.busyPairs ?? DEFAULT_BUSY_PAIRS),
    bufferBytes: atLeastZero(
      'streamBufferBytes',
      options.streamBufferBytes ?? DEFAULT_BUFFER_BYTES,
    ),
  });
  return { server, stream: { faults, stats, control: new StreamControl(server) } };
}
