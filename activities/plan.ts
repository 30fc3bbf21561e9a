import type { BackfillPlan, BackfillRequest, PlannedSymbol } from '../domain/backfill.js';
import { WrongUse } from '../domain/failure.js';
import type { Horizon } from '../domain/retention.js';
import type { CandleStore, Failures, SeriesState, SourceStore } from '../domain/stores.js';
import type { TimeRange } from '../domain/time-range.js';
import type { RequestOptions } from '../domain/venue.js';
import { candleCount, todo, windowsFor, type TodoOptions } from '../domain/wanted.js';
import { choosePairs, type ChooseDeps, type ChosenSymbols } from './choose-symbols.js';
import { refuseOtherSource } from './refuse-other-source.js';

export interface PlanDeps extends ChooseDeps {
  readonly candles: CandleStore;
  readonly source: SourceStore;
  /** Label of the venue that this worker talks to. */
  readonly sourceLabel: string;
  /** Requests that a backfill may make in any 5 s. */
  readonly requestsPer5s: number;
}

const DAY_MS = 86_400_000;

/** Requests for the plan itself are as urgent as those of the run. */
const REQUEST: RequestOptions = { budgetClass: 'backfill' };

/** Decides what a run does. @throws WrongUse for unknown symbols or another venue's database */
export async function planBackfill(
  deps: PlanDeps,
  request: BackfillRequest,
  signal: AbortSignal,
): Promise<BackfillPlan> {
  const { databaseId } = await refuseOtherSource(deps.source, deps.sourceLabel);
  const options = { ...REQUEST, signal };
  const failures = request.onlyFailed ? await deps.candles.failures() : undefined;
  const [venueTimeMs, chosen] = await Promise.all([
    deps.venue.serverTimeMs(options),
    chooseSymbols(deps, request, failures, options),
  ]);
  const range = spanOf(request, failures, venueTimeMs);
  const todoOptions = { range, venueTimeMs, onlyFailed: request.onlyFailed };
  const states = await deps.candles.seriesStates(chosen.symbols, request.timeframes, range);
  const symbols = planSymbols(states, todoOptions);
  const requests = symbols.reduce((sum, symbol) => sum + symbol.requests, 0);
  const clipped = clippedOf(states, range);
  return {
    source: deps.sourceLabel,
    databaseId,
    venueTimeMs,
    ...range,
    toNow: request.span.kind !== 'range' || request.span.toMs === undefined,
    symbols,
    series: states.length,
    requests: chosen.requests + 1,
    seconds: Math.ceil((requests / deps.requestsPer5s) * 5),
    ...(clipped.length === 0 ? {} : { clipped }),
  };
}

/** The timeframes whose horizon lies within what was asked for. */
function clippedOf(states: readonly SeriesState[], { fromMs }: TimeRange): Horizon[] {
  const horizons = new Map(
    states.flatMap(({ timeframe, horizonMs }) =>
      horizonMs === undefined || horizonMs <= fromMs ? [] : [[timeframe, horizonMs] as const],
    ),
  );
  return [...horizons].map(([timeframe, horizonMs]) => ({ timeframe, horizonMs }));
}

function spanOf(
  { span }: BackfillRequest,
  failures: Failures | undefined,
  venueTimeMs: number,
): TimeRange {
  if (span.kind === 'failed') {
    return { fromMs: failures?.fromMs ?? venueTimeMs, toMs: venueTimeMs };
  }
  if (span.kind === 'days') {
    return { fromMs: venueTimeMs - span.days * DAY_MS, toMs: venueTimeMs };
  }
  if (span.fromMs >= venueTimeMs) {
    throw new WrongUse(
      `--from ${new Date(span.fromMs).toISOString()} lies in the future of the venue, ` +
        `whose time is ${new Date(venueTimeMs).toISOString()}`,
    );
  }
  return { fromMs: span.fromMs, toMs: Math.min(span.toMs ?? venueTimeMs, venueTimeMs) };
}

async function chooseSymbols(
  deps: PlanDeps,
  { pairs, onlyFailed }: BackfillRequest,
  failures: Failures | undefined,
  options: RequestOptions,
): Promise<ChosenSymbols> {
  if (pairs.kind === 'top' && onlyFailed) {
    // What failed may no longer be at the top.
    return { symbols: failures?.symbols ?? [], requests: 0 };
  }
  return choosePairs(deps, pairs, options);
}

/** Symbols with something to do, longest first: a long one begun last would leave a tail. */
function planSymbols(states: readonly SeriesState[], options: TodoOptions): PlannedSymbol[] {
  const bySymbol = new Map<string, PlannedSymbol>();
  for (const state of states) {
    const ranges = todo(state, options);
    if (ranges.length === 0) continue;
    const sofar = bySymbol.get(state.symbol);
    bySymbol.set(state.symbol, {
      symbol: state.symbol,
      timeframes: [...(sofar?.timeframes ?? []), state.timeframe],
      candles: (sofar?.candles ?? 0) + candleCount(state.timeframe, ranges),
      requests: (sofar?.requests ?? 0) + windowsFor(state.timeframe, ranges, options).length,
    });
  }
  return [...bySymbol.values()].sort((a, b) => b.requests - a.requests);
}
