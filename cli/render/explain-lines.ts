import type { GapAnswer, GapRecord } from '../../domain/gap.js';
import type { Series } from '../../domain/series.js';
import type { TimeRange } from '../../domain/time-range.js';
import { valuesText } from '../../domain/verify.js';
import type { CandleFacts, FetchRecord } from '../../storage/explain.js';
import { isAccountedFor, type CandleStatus } from '../gaps/candle-verdict.js';
import { formatMinute, isoSeconds, plural } from './format.js';
import { nextAskText, simulatedLines } from './gap-lines.js';
import { missingText } from './missing-text.js';

/** What is known of one candle. */
export interface Explanation {
  readonly series: Series;
  readonly period: TimeRange;
  readonly status: CandleStatus;
  readonly facts: CandleFacts;
  readonly source: string | undefined;
  readonly nowMs: number;
}

/** Link to a run in the Web UI; undefined where its address is not known. */
export type RunLink = (run: { workflowId: string; runId: string }) => string | undefined;

/** Where the candle came from or why it is not there, and which runs to look at. */
export function explainLines(explanation: Explanation, link: RunLink): string[] {
  const { series, period, status, facts, source, nowMs } = explanation;
  const { values, gap, closedGaps, fetches } = facts;
  return [
    ...simulatedLines(source),
    `${series.symbol} ${series.timeframe} ${spanText(period)} UTC: ${statusText(status)}`,
    ...(values === undefined
      ? []
      : [`  ${valuesText(values, ['open', 'high', 'low', 'close', 'volume', 'turnover'])}`]),
    ...(gap === undefined ? [] : gapLines(gap, nowMs, link)),
    ...closedGaps.map(closedText),
    ...fetches.flatMap((fetch) => fetchLines(fetch, link)),
    ...(values !== undefined && fetches.length === 0
      ? ['  no record of the answer that brought it']
      : []),
  ];
}

function spanText({ fromMs, toMs }: TimeRange): string {
  return `${formatMinute(fromMs)} to ${formatMinute(toMs)}`;
}

function statusText(status: CandleStatus): string {
  switch (status) {
    case 'stored':
      return 'stored';
    case 'unrecorded':
      return 'a row that nothing is recorded of: m1 verify --repair';
    default:
      return `${status}, ${missingText(status)}`;
  }
}

function gapLines(gap: GapRecord, nowMs: number, link: RunLink): string[] {
  const { period, asked, foundAtMs, foundBy, nextAskMs, reason, answers } = gap;
  return [
    `  gap ${spanText(period)}, found ${momentText(foundAtMs)} by ${foundBy}`,
    ...(reason === undefined ? [] : [`  reason: ${reason}`]),
    `  asked ${plural(asked, 'time')}, next ask ${nextAskText(nextAskMs, nowMs)}`,
    ...answers.flatMap((answer) => answerLines(answer, link)),
  ];
}

function answerLines(answer: GapAnswer, link: RunLink): string[] {
  const { askedAtMs, window, rows, workflowId } = answer;
  const others = `${plural(rows, 'other candle')} of ${spanText(window)}`;
  return [
    `  answer ${momentText(askedAtMs)}: ${others}, by ${workflowId}`,
    ...linkLine(link(answer)),
  ];
}

function closedText({ kind, period, foundAtMs, closedAtMs }: GapRecord): string {
  const until = closedAtMs === undefined ? '' : ` until ${momentText(closedAtMs)}`;
  return `  was missing (${kind}) from ${momentText(foundAtMs)}${until}: gap ${spanText(period)}`;
}

function fetchLines(fetch: FetchRecord, link: RunLink): string[] {
  const { source, period, rows, added, askedAtMs, workflowId } = fetch;
  const what = `${plural(rows, 'candle')}, ${added} of them new`;
  return [
    `  ${source} ${momentText(askedAtMs)}: ${spanText(period)}, ${what}, by ${workflowId}`,
    ...linkLine(link(fetch)),
  ];
}

function linkLine(link: string | undefined): string[] {
  return link === undefined ? [] : [`    ${link}`];
}

/** `2026-01-31 08:05:07`, UTC. */
function momentText(timeMs: number): string {
  return isoSeconds(timeMs).replace('T', ' ').replace('Z', '');
}

/** The JSON that `m1 gaps explain --json` prints. */
export function explainDocument(explanation: Explanation, link: RunLink): Record<string, unknown> {
  const { series, period, status, facts, source } = explanation;
  const { values, gap, closedGaps, fetches } = facts;
  return {
    ...series,
    source: source ?? null,
    from: isoSeconds(period.fromMs),
    to: isoSeconds(period.toMs),
    status,
    accounted_for: isAccountedFor(status),
    values: values ?? null,
    gap: gap === undefined ? null : gapEntry(gap, link),
    closed_gaps: closedGaps.map((closed) => gapEntry(closed, link)),
    fetches: fetches.map((fetch) => ({
      source: fetch.source,
      ...runEntry(fetch, link),
      asked_at: isoSeconds(fetch.askedAtMs),
      ...spanEntry(fetch.period),
      rows: fetch.rows,
      added: fetch.added,
    })),
  };
}

function gapEntry(gap: GapRecord, link: RunLink): Record<string, unknown> {
  const { nextAskMs, closedAtMs } = gap;
  return {
    ...spanEntry(gap.period),
    kind: gap.kind,
    asked: gap.asked,
    next_ask: nextAskMs === undefined ? null : isoSeconds(nextAskMs),
    found_at: isoSeconds(gap.foundAtMs),
    found_by: gap.foundBy,
    closed_at: closedAtMs === undefined ? null : isoSeconds(closedAtMs),
    reason: gap.reason ?? null,
    answers: gap.answers.map((answer) => ({
      asked_at: isoSeconds(answer.askedAtMs),
      venue_time: isoSeconds(answer.venueTimeMs),
      ...spanEntry(answer.window),
      rows: answer.rows,
      ...runEntry(answer, link),
    })),
  };
}

function spanEntry({ fromMs, toMs }: TimeRange): { from: string; to: string } {
  return { from: isoSeconds(fromMs), to: isoSeconds(toMs) };
}

function runEntry(run: { workflowId: string; runId: string }, link: RunLink) {
  return { workflow_id: run.workflowId, run_id: run.runId, link: link(run) ?? null };
}
