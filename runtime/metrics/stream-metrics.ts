import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Timeframe } from '../../domain/timeframe.js';

/** Delays of the stream, s: the aim is 50 ms. */
const LAG_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Levels that are read when the metrics are, of the stream that runs in this worker. */
export interface StreamLevels {
  readonly connections: number;
  readonly liveConnections: number;
  readonly symbols: number;
  /** Age of the oldest "last frame" among the connections, ms; undefined: no data yet. */
  readonly messageAgeMs: number | undefined;
  readonly messages: number;
  readonly malformed: number;
  readonly reconnects: number;
  readonly tickersWritten: number;
  readonly tickersDropped: number;
}

/** What the stream tells as it happens. Units of times: ms. */
export interface StreamMetrics {
  /** A ticker was written so long after the venue's clock in it. */
  tickerLag(ms: number): void;
  /** A closed candle was stored so long after its close. */
  candleStored(timeframe: Timeframe, closeToStoredMs: number): void;
  /** The venue declared a candle closed later than it should. */
  candleLate(timeframe: Timeframe): void;
  /** REST had a candle that the stream had not brought. */
  candlesMissed(timeframe: Timeframe, count: number): void;
  candlesRevised(count: number): void;
  /** A candle was given up because the database was away too long. */
  candleGivenUp(): void;
  gapsHandedOver(count: number): void;
  /** Levels come from `read` until the function that is returned is called. */
  follow(read: () => StreamLevels): () => void;
}

/** Totals of streams that have ended in this process: counters must never go back. */
type Totals = Pick<
  StreamLevels,
  'messages' | 'malformed' | 'reconnects' | 'tickersWritten' | 'tickersDropped'
>;

const NO_TOTALS: Totals = {
  messages: 0,
  malformed: 0,
  reconnects: 0,
  tickersWritten: 0,
  tickersDropped: 0,
};

/** Registers the stream's metrics; docs/metrics.md explains each. */
export function createStreamMetrics(registry: Registry): StreamMetrics {
  const registers = [registry];
  const byTimeframe = { labelNames: ['timeframe'] as const, registers };
  const lag = new Histogram({
    name: 'm1_stream_ticker_lag_seconds',
    help: 'From the venue clock in a ticker to the ticker written to Redis',
    buckets: LAG_BUCKETS,
    registers,
  });
  const stored = new Histogram({
    name: 'm1_stream_candle_stored_seconds',
    help: 'From the close of a candle to the candle stored',
    buckets: LAG_BUCKETS,
    ...byTimeframe,
  });
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `m1_stream_${name}_total`, help, registers });
  const late = new Counter({
    name: 'm1_stream_candles_late_total',
    help: 'Candles that the venue declared closed more than 5 s after their close',
    ...byTimeframe,
  });
  const missed = new Counter({
    name: 'm1_stream_candles_missed_total',
    help: 'Candles that REST had and the stream had not brought',
    ...byTimeframe,
  });
  const revised = counter('candles_revised', 'Stored candles that a later answer changed');
  const givenUp = counter('candles_given_up', 'Candles given up while the database was away');
  const gaps = counter('gaps', 'Gaps handed over after a disconnect');

  const streams = new Set<() => StreamLevels>();
  let ended = NO_TOTALS;
  const total = (name: keyof Totals): number =>
    ended[name] + sum([...streams].map((read) => read()[name]));
  const level = (
    name: string,
    help: string,
    join: (values: readonly number[]) => number,
    read: (levels: StreamLevels) => number,
  ): void => {
    new Gauge({
      name: `m1_stream_${name}`,
      help,
      registers,
      collect() {
        this.set(join([...streams].map((each) => read(each()))));
      },
    });
  };
  const totals = (name: string, help: string, key: keyof Totals): void => {
    new Counter({
      name: `m1_stream_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(total(key));
      },
    });
  };
  level('connections', 'Sockets that the stream wants', sum, (l) => l.connections);
  level('connections_live', 'Sockets on which data flows', sum, (l) => l.liveConnections);
  // While an activity is replaced, two of them follow the same symbols.
  level('symbols', 'Symbols that the stream follows', greatest, (l) => l.symbols);
  level(
    'message_age_seconds',
    'Age of the oldest last frame among the sockets',
    greatest,
    (l) => (l.messageAgeMs ?? 0) / 1000,
  );
  totals('messages', 'Frames received', 'messages');
  totals('malformed', 'Frames that could not be read', 'malformed');
  totals('reconnects', 'Sockets opened again after they had been live', 'reconnects');
  totals('tickers_written', 'Tickers written to Redis', 'tickersWritten');
  totals('tickers_dropped', 'Tickers that Redis did not take', 'tickersDropped');

  return {
    tickerLag: (ms) => lag.observe(ms / 1000),
    candleStored: (timeframe, ms) => stored.observe({ timeframe }, ms / 1000),
    candleLate: (timeframe) => late.inc({ timeframe }),
    candlesMissed: (timeframe, count) => missed.inc({ timeframe }, count),
    candlesRevised: (count) => revised.inc(count),
    candleGivenUp: () => givenUp.inc(),
    gapsHandedOver: (count) => gaps.inc(count),
    follow(read) {
      streams.add(read);
      return () => {
        const last = read();
        ended = addTotals(ended, last);
        streams.delete(read);
      };
    },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** 0 when there are none. */
function greatest(values: readonly number[]): number {
  return Math.max(0, ...values);
}

function addTotals(a: Totals, b: Totals): Totals {
  return {
    messages: a.messages + b.messages,
    malformed: a.malformed + b.malformed,
    reconnects: a.reconnects + b.reconnects,
    tickersWritten: a.tickersWritten + b.tickersWritten,
    tickersDropped: a.tickersDropped + b.tickersDropped,
  };
}
