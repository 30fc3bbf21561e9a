import type { LiveCandle } from '../domain/live-candle.js';
import type { Series } from '../domain/series.js';
import type { FetchOrigin, StoredLive } from '../domain/stores.js';
import { candleColumns } from './candle-arrays.js';
import type { KeyedCandles } from './candle-columns.js';
import { bySeries, type CandlesOfSeries } from './candles-of-series.js';
import type { Database, Queryable } from './database.js';
import { timestampArray } from './encode.js';
import { replaceOpen, writeGuarded, type CandleSet } from './guarded-rows.js';
import { settleLive } from './live-settlement.js';
import { readLocked } from './locked-series.js';
import { seriesKey } from './series-order.js';
import { writeSettlements } from './settlement.js';
import { recordSpans, type StreamSpan } from './stream-spans.js';

/** Who stores, and when by the local clock. */
export interface LiveFacts {
  readonly origin: FetchOrigin;
  readonly nowMs: number;
}

/** What became of the candles of one series. */
interface Outcome {
  readonly batch: CandlesOfSeries;
  readonly added: readonly LiveCandle[];
  readonly revised: number;
  readonly gaps: number;
}

/**
 * Locks each series in the order of its key, and covers what it can at once: candles that begin where
 * all that is settled ends, and those of a series of which nothing is settled. The series left out
 * are locked as well. A batch with a break in it covers nothing here (`from` = `to`).
 */
const APPEND = {
  name: 'm1_append',
  text: `insert into coverage (symbol, timeframe, covered, candles)
    select a.symbol, a.timeframe, multirange(tstzrange(a."from", a."to")), a.candles
    from unnest($1::varchar[], $2::varchar[], $3::timestamptz[], $4::timestamptz[], $5::int[])
      as a (symbol, timeframe, "from", "to", candles)
    on conflict (symbol, timeframe) do update set
      covered = coverage.covered + excluded.covered,
      candles = coverage.candles + excluded.candles
    where isempty(coverage.covered) or upper(coverage.covered) = lower(excluded.covered)
    returning symbol, timeframe`,
};

/**
 * Stores candles that the stream declared closed, in one transaction of a few statements however
 * many they are. Rows come before coverage and both in the order of their key, as in every writer.
 */
export async function storeClosed(
  database: Database,
  candles: readonly LiveCandle[],
  facts: LiveFacts,
): Promise<StoredLive> {
  const batches = bySeries(candles);
  return database.transaction(async (transaction) => {
    const rows = keyed(batches.flatMap((batch) => batch.candles));
    const written = await writeGuarded(transaction, rows);
    const appended = await append(transaction, batches);
    const isAppended = (batch: CandlesOfSeries): boolean => appended.has(seriesKey(batch));
    const outcomes = [
      ...batches.filter(isAppended).map(appendedOutcome),
      ...(await merge(
        transaction,
        batches.filter((batch) => !isAppended(batch)),
        written,
        facts,
      )),
    ];
    const added = outcomes.flatMap((outcome) => outcome.added);
    const overOpen = added.filter((candle) => !written.has(candle, candle.openTimeMs));
    await replaceOpen(transaction, keyed(overOpen));
    await recordSpans(transaction, outcomes.flatMap(streamSpan), facts);
    return {
      added,
      revised: outcomes.reduce((sum, { revised }) => sum + revised, 0),
      gaps: outcomes.reduce((sum, { gaps }) => sum + gaps, 0),
    };
  });
}

function keyed(candles: readonly LiveCandle[]): KeyedCandles {
  return { series: candles, candles: candleColumns(candles) };
}

/** @returns keys of the series that are done */
async function append(
  transaction: Queryable,
  batches: readonly CandlesOfSeries[],
): Promise<ReadonlySet<string>> {
  const { name, text } = APPEND;
  const endMs = ({ period, unbroken }: CandlesOfSeries): number =>
    unbroken ? period.toMs : period.fromMs;
  const { rows } = await transaction.query<Series>(
    text,
    [
      batches.map(({ symbol }) => symbol),
      batches.map(({ timeframe }) => timeframe),
      timestampArray(Float64Array.from(batches, ({ period }) => period.fromMs)),
      timestampArray(Float64Array.from(batches, endMs)),
      batches.map(({ candles, unbroken }) => (unbroken ? candles.length : 0)),
    ],
    { name },
  );
  const taken = new Set(rows.map(seriesKey));
  return new Set(
    batches
      .filter(({ unbroken }) => unbroken)
      .map(seriesKey)
      .filter((key) => taken.has(key)),
  );
}

const appendedOutcome = (batch: CandlesOfSeries): Outcome => ({
  batch,
  added: batch.candles,
  revised: 0,
  gaps: 0,
});

/** Settles what could not simply be appended; the transaction holds the locks of these series. */
async function merge(
  transaction: Queryable,
  batches: readonly CandlesOfSeries[],
  written: CandleSet,
  facts: LiveFacts,
): Promise<Outcome[]> {
  if (batches.length === 0) return [];
  const states = await readLocked(transaction, batches);
  const judged = batches.flatMap((batch, i) => {
    const state = states[i];
    return state === undefined ? [] : [{ batch, ...settleLive(batch, state, facts) }];
  });
  const changed = judged.filter(({ added }) => added.length > 0);
  if (changed.length > 0) {
    await writeSettlements(
      transaction,
      changed.map(({ settlement }) => settlement),
    );
  }
  return judged.map(({ batch, added, known, gaps }) => ({
    ...{ batch, added, gaps },
    revised: known.filter((candle) => written.has(candle, candle.openTimeMs)).length,
  }));
}

/** Candles that were all known already leave no trace: what is stored came from elsewhere. */
function streamSpan({ batch, added, revised }: Outcome): StreamSpan[] {
  if (added.length + revised === 0) return [];
  const { symbol, timeframe, period, candles } = batch;
  return [{ series: { symbol, timeframe }, period, rows: candles.length, added: added.length }];
}
