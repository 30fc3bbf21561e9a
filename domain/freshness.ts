import type { Series } from './series.js';
import { TIMEFRAMES, timeframeMs } from './timeframe.js';

export const FRESHNESS_SCHEDULE_ID = 'freshness/bybit';
export const FRESHNESS_WORKFLOW_TYPE = 'freshnessWorkflow';

/**
 * A followed series may be so many candles old. Between two syncs it grows one candle old in any case,
 * and one sync may be lost without a fault that needs a person: the second one in a row is the alert.
 */
const PERIODS = 2;

/** On top of that: a sync begins seconds after the close, and may take a minute for all pairs, ms. */
const GRACE_MS = 120_000;

/** How often an alert that stays open is told again, ms. */
const REMIND_MS = 86_400_000;

/** Notices that wait for a webhook that does not answer; older ones give way. */
const MAX_UNSENT = 20;

/** A followed series as the database knows it. */
export interface FollowedSeries extends Series {
  /** Local clock when it was followed first, ms. */
  readonly sinceMs: number;
  /** End of the newest candle that is stored, or that the venue did not have, ms. */
  readonly newestMs: number | undefined;
  /** The same without what the venue did not have and has not proved to lack, ms. */
  readonly provedMs: number | undefined;
}

/** A series that is behind. */
export type BehindSeries = Pick<FollowedSeries, 'symbol' | 'timeframe' | 'newestMs'>;

/** What the check found. */
export interface FreshnessReport {
  /** Label of the venue, see `BYBIT_SOURCE`. */
  readonly source: string;
  readonly series: number;
  readonly behind: readonly BehindSeries[];
  /** Set when the stream says that it is live, and nothing arrives. */
  readonly streamSilentSinceMs: number | undefined;
  /** Set when the check itself could not be made: why, one line. */
  readonly unreadable: string | undefined;
}

/** How old the newest candle of a series may be, ms. */
export function freshnessBoundMs(timeframe: Series['timeframe']): number {
  return PERIODS * timeframeMs(timeframe) + GRACE_MS;
}

/**
 * The series whose newest candle is too old by the venue's clock. One that joined the set lately has
 * the same time to catch up. A quiet pair may lack its newest candles; when all series of a timeframe
 * do, the venue answers and gives nothing, and none of them is up to date.
 *
 * @param venueTimeMs the venue's clock
 * @param nowMs local clock
 */
export function seriesBehind(
  followed: readonly FollowedSeries[],
  venueTimeMs: number,
  nowMs: number,
): BehindSeries[] {
  return TIMEFRAMES.flatMap((timeframe) => {
    const boundMs = freshnessBoundMs(timeframe);
    const isOld = (endMs: number | undefined): boolean =>
      venueTimeMs - (endMs ?? -Infinity) > boundMs;
    const judged = followed.filter(
      (series) => series.timeframe === timeframe && nowMs - series.sinceMs > boundMs,
    );
    const behind = judged.every(({ provedMs }) => isOld(provedMs))
      ? judged.map((series) => ({ ...series, newestMs: series.provedMs }))
      : judged.filter(({ newestMs }) => isOld(newestMs));
    return behind.map(({ symbol, newestMs }) => ({ symbol, timeframe, newestMs }));
  });
}

/** Something that needs a person. */
export interface Problem {
  /** The same for the same problem. */
  readonly key: string;
  readonly message: string;
}

/** What is told: new problems, those that are gone, or those that are still there a day later. */
export interface AlertNotice {
  readonly status: 'raised' | 'recovered' | 'reminder';
  readonly source: string;
  readonly atMs: number;
  readonly problems: readonly Problem[];
}

/** What has been told; the result of one check and the begin of the next. */
export interface AlertState {
  /** Keys of the problems that were raised and are not gone. */
  readonly open: readonly string[];
  /** When they were last told, ms. */
  readonly toldAtMs: number;
  /** Notices that the webhook has not taken yet, oldest first. */
  readonly unsent: readonly AlertNotice[];
}

export const NOTHING_TOLD: AlertState = { open: [], toldAtMs: 0, unsent: [] };

/** The problems of a report, one a series. */
export function problemsOf(report: FreshnessReport): Problem[] {
  const { behind, streamSilentSinceMs, unreadable } = report;
  return [
    ...(unreadable === undefined
      ? []
      : [{ key: 'check', message: `freshness could not be checked: ${unreadable}` }]),
    ...(streamSilentSinceMs === undefined
      ? []
      : [
          {
            key: 'stream',
            message: `the stream says that it is live, but no candle came from it since ${iso(streamSilentSinceMs)}`,
          },
        ]),
    ...behind.map(({ symbol, timeframe, newestMs }) => ({
      key: `${symbol} ${timeframe}`,
      message:
        newestMs === undefined
          ? `${symbol} ${timeframe} has no candle at all`
          : `${symbol} ${timeframe} ends at ${iso(newestMs)}`,
    })),
  ];
}

/**
 * What is to be told now: a problem once when it begins and once when it is gone, and once a day all
 * that stay. While a check cannot be made nothing counts as gone.
 *
 * @param nowMs local clock
 */
export function judgeAlerts(
  known: AlertState,
  report: FreshnessReport,
  nowMs: number,
): { readonly notices: readonly AlertNotice[]; readonly state: AlertState } {
  const problems = problemsOf(report);
  const found = new Set(problems.map(({ key }) => key));
  const open = new Set(known.open);
  const raised = problems.filter(({ key }) => !open.has(key));
  const gone = report.unreadable === undefined ? known.open.filter((key) => !found.has(key)) : [];
  const still = problems.filter(({ key }) => open.has(key));
  const remind = still.length > 0 && nowMs - known.toldAtMs >= REMIND_MS;
  const told = (status: AlertNotice['status'], about: readonly Problem[]): AlertNotice[] =>
    about.length === 0 ? [] : [{ status, source: report.source, atMs: nowMs, problems: about }];
  const notices = [
    ...told('raised', raised),
    ...told('recovered', gone.map(recovered)),
    ...told('reminder', remind ? still : []),
  ];
  const staysOpen = known.open.filter((key) => !gone.includes(key));
  return {
    notices,
    state: {
      open: [...staysOpen, ...raised.map(({ key }) => key)],
      toldAtMs: raised.length > 0 || remind ? nowMs : known.toldAtMs,
      unsent: [...known.unsent, ...notices].slice(-MAX_UNSENT),
    },
  };
}

function recovered(key: string): Problem {
  const messages: Readonly<Record<string, string>> = {
    check: 'freshness can be checked again',
    stream: 'candles come from the stream again',
  };
  return { key, message: messages[key] ?? `${key} is up to date again` };
}

/** What a notice says in one line; further problems are counted. */
export function noticeText({ status, problems }: AlertNotice, named = 5): string {
  const messages = problems.slice(0, named).map(({ message }) => message);
  const more = problems.length > named ? `; and ${problems.length - named} more` : '';
  return `${status}: ${messages.join('; ')}${more}`;
}

/** What the check reads of the database. */
export interface FreshnessStore {
  /** Every series of the followed pairs that are listed. */
  followedSeries(): Promise<readonly FollowedSeries[]>;
  /** End of the newest 5m candle of followed pairs that came by the stream, ms. */
  newestFromStreamMs(): Promise<number | undefined>;
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
