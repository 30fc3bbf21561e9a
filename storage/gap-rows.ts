import { ANSWERS_KEPT, type Gap, type GapAnswer, type GapKind } from '../domain/gap.js';
import type { Series } from '../domain/series.js';
import type { FetchOrigin } from '../domain/stores.js';
import { msOf, nullableTimestamp, timestamp } from './encode.js';

/** A row of table `gap` to be written. */
export interface GapDraft extends Omit<Gap, keyof Series> {
  /** Undefined: open. */
  readonly closedAtMs: number | undefined;
  readonly reason: string | undefined;
  readonly answers: readonly GapAnswer[];
}

/** A row of table `gap` as it is stored. */
export interface GapRow extends GapDraft {
  /** A bigserial as text: numbers of JavaScript may be too small for it. */
  readonly id: string;
}

/** A gap that no answer has shown: nobody has asked the venue yet. */
export function unaskedGap(
  { period, kind }: Pick<GapDraft, 'period' | 'kind'>,
  { origin, nowMs }: { readonly origin: FetchOrigin; readonly nowMs: number },
): GapDraft {
  return {
    ...{ period, kind },
    asked: 0,
    foundAtMs: nowMs,
    foundBy: origin.workflowId,
    lastAskedMs: undefined,
    nextAskMs: nowMs,
    closedAtMs: undefined,
    reason: undefined,
    answers: [],
  };
}

/** SELECT list that `gapRow` reads. */
export const GAP_COLUMNS = `id::text, ${msOf('lower(period)')} as from_ms, ${msOf('upper(period)')} as to_ms,
  kind, asked, ${msOf('found_at')} as found_ms, found_by, ${msOf('last_asked')} as last_asked_ms,
  ${msOf('next_ask')} as next_ask_ms, ${msOf('closed_at')} as closed_ms, reason, evidence`;

/** A row of `GAP_COLUMNS`. */
export interface GapColumns {
  readonly id: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly kind: GapKind;
  readonly asked: number;
  readonly found_ms: number;
  readonly found_by: string;
  readonly last_asked_ms: number | null;
  readonly next_ask_ms: number | null;
  readonly closed_ms: number | null;
  readonly reason: string | null;
  readonly evidence: readonly AnswerColumns[];
}

/** An element of `gap.evidence`. */
interface AnswerColumns {
  readonly asked_at: string;
  readonly venue_time: string;
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  readonly workflow_id: string;
  readonly run_id: string;
}

export function gapRow(columns: GapColumns): GapRow {
  return {
    id: columns.id,
    period: { fromMs: columns.from_ms, toMs: columns.to_ms },
    kind: columns.kind,
    asked: columns.asked,
    foundAtMs: columns.found_ms,
    foundBy: columns.found_by,
    lastAskedMs: columns.last_asked_ms ?? undefined,
    nextAskMs: columns.next_ask_ms ?? undefined,
    closedAtMs: columns.closed_ms ?? undefined,
    reason: columns.reason ?? undefined,
    answers: columns.evidence.map(answerOf),
  };
}

function answerOf(columns: AnswerColumns): GapAnswer {
  return {
    askedAtMs: Date.parse(columns.asked_at),
    venueTimeMs: Date.parse(columns.venue_time),
    window: { fromMs: Date.parse(columns.from), toMs: Date.parse(columns.to) },
    rows: columns.rows,
    workflowId: columns.workflow_id,
    runId: columns.run_id,
  };
}

function answerColumns(answer: GapAnswer): AnswerColumns {
  return {
    asked_at: timestamp(answer.askedAtMs),
    venue_time: timestamp(answer.venueTimeMs),
    from: timestamp(answer.window.fromMs),
    to: timestamp(answer.window.toMs),
    rows: answer.rows,
    workflow_id: answer.workflowId,
    run_id: answer.runId,
  };
}

/** A gap with its series. */
export type GapOfSeries = GapDraft & Series & { readonly id?: string };

/** The one JSON parameter that carries any number of gaps into a statement. */
export function gapsJson(gaps: readonly GapOfSeries[]): string {
  return JSON.stringify(
    gaps.map((gap) => ({
      id: gap.id,
      symbol: gap.symbol,
      timeframe: gap.timeframe,
      from: timestamp(gap.period.fromMs),
      to: timestamp(gap.period.toMs),
      kind: gap.kind,
      asked: gap.asked,
      found_at: timestamp(gap.foundAtMs),
      found_by: gap.foundBy,
      last_asked: nullableTimestamp(gap.lastAskedMs),
      next_ask: nullableTimestamp(gap.nextAskMs),
      closed_at: nullableTimestamp(gap.closedAtMs),
      reason: gap.reason,
      evidence: gap.answers.slice(-ANSWERS_KEPT).map(answerColumns),
    })),
  );
}

/** FROM item that turns the parameter of `gapsJson` into rows, named `as`. */
export function gapsFrom(parameter: string, as: string): string {
  return `jsonb_to_recordset(${parameter}::jsonb) as ${as} (id bigint, symbol varchar,
    timeframe varchar, "from" timestamptz, "to" timestamptz, kind text, asked int,
    found_at timestamptz, found_by text, last_asked timestamptz, next_ask timestamptz,
    closed_at timestamptz, reason text, evidence jsonb)`;
}

/** INSERT of the gaps in `parameter`. */
export function insertGaps(parameter: string, condition = 'true'): string {
  return `insert into gap (symbol, timeframe, period, kind, asked, found_at, found_by, last_asked,
      next_ask, closed_at, reason, evidence)
    select g.symbol, g.timeframe, tstzrange(g."from", g."to"), g.kind, g.asked, g.found_at,
      g.found_by, g.last_asked, g.next_ask, g.closed_at, g.reason, g.evidence
    from ${gapsFrom(parameter, 'g')} where ${condition}`;
}

/** UPDATE of the gaps in `parameter` by their id. */
export function updateGaps(parameter: string): string {
  return `update gap set period = tstzrange(g."from", g."to"), kind = g.kind, asked = g.asked,
      last_asked = g.last_asked, next_ask = g.next_ask, closed_at = g.closed_at, reason = g.reason,
      evidence = g.evidence
    from ${gapsFrom(parameter, 'g')} where gap.id = g.id`;
}
