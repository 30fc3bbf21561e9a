import { RETENTION_SCHEDULE_ID } from '../../domain/workflow-names.js';
import type { Config } from '../../runtime/config.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { readLeft, readRules, type AppliedRule } from '../../storage/retention/horizons.js';
import { withDatabase } from '../database.js';
import { print, printJson, type CommandIo } from '../io.js';
import { formatCount, formatMinute, formatSeconds, isoSeconds } from '../render/format.js';
import { renderTable } from '../render/table.js';
import { withTemporal } from '../runs/temporal-session.js';
import { formatDay, NO_RULES } from './retention-lines.js';

/** A rule, and what is still stored before its horizon. */
export interface RuleStatus extends AppliedRule {
  readonly symbols: number;
  readonly candles: number;
}

/** The Schedule; undefined: there is none. */
export interface ScheduleTimes {
  readonly lastMs: number | undefined;
  readonly nextMs: number | undefined;
}

const COLUMNS = [
  { title: 'TIMEFRAME' },
  { title: 'KEPT', align: 'right' },
  { title: 'FROM (UTC)' },
  { title: 'APPLIED (UTC)' },
  { title: 'OLDER CANDLES', align: 'right' },
  { title: 'SYMBOLS', align: 'right' },
] as const;

/** Prints the rules in force and when they are applied next. @throws ServerAway, GiveUpRun */
export async function showRetention(
  { config, json }: { readonly config: Config; readonly json: boolean },
  io: CommandIo,
): Promise<void> {
  const rules = await withDatabase(config.postgres, async (database) => {
    const [applied, left] = await Promise.all([readRules(database), readLeft(database)]);
    return applied.map((rule): RuleStatus => {
      const rest = left.find(({ timeframe }) => timeframe === rule.timeframe);
      return { ...rule, symbols: rest?.symbols ?? 0, candles: rest?.candles ?? 0 };
    });
  });
  const schedule = await withTemporal(config, readSchedule);
  if (json) printJson(io, statusDocument(rules, schedule));
  else print(io, statusLines(rules, schedule));
}

async function readSchedule({ client }: TemporalClient): Promise<ScheduleTimes | undefined> {
  try {
    const { info } = await client.schedule.getHandle(RETENTION_SCHEDULE_ID).describe();
    return {
      lastMs: info.recentActions.at(-1)?.takenAt.getTime(),
      nextMs: info.nextActionTimes[0]?.getTime(),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'ScheduleNotFoundError') return undefined;
    throw error;
  }
}

export function statusLines(
  rules: readonly RuleStatus[],
  schedule: ScheduleTimes | undefined,
): string[] {
  if (schedule === undefined) return [NO_RULES];
  const { lastMs, nextMs } = schedule;
  const moment = (timeMs: number | undefined): string =>
    timeMs === undefined ? 'none' : `${formatMinute(timeMs)} UTC`;
  const rows = rules.map((rule) => [
    ...[rule.timeframe, formatSeconds(rule.keepMs / 1000), formatDay(rule.horizonMs)],
    formatMinute(rule.appliedAtMs),
    ...[rule.candles, rule.symbols].map(formatCount),
  ]);
  return [
    ...(rules.length === 0 ? ['no run has begun yet'] : renderTable(COLUMNS, rows)),
    `last run ${moment(lastMs)}, next ${moment(nextMs)}`,
    ...(rules.some(({ candles }) => candles > 0)
      ? ['m1 retention run --dry-run says why older candles are held back']
      : []),
  ];
}

/** The JSON that `m1 retention status --json` prints: a contract. */
export function statusDocument(
  rules: readonly RuleStatus[],
  schedule: ScheduleTimes | undefined,
): Record<string, unknown> {
  const moment = (timeMs: number | undefined): string | null =>
    timeMs === undefined ? null : isoSeconds(timeMs);
  return {
    scheduled: schedule !== undefined,
    last_run: moment(schedule?.lastMs),
    next_run: moment(schedule?.nextMs),
    timeframes: rules.map((rule) => ({
      timeframe: rule.timeframe,
      keep_seconds: rule.keepMs / 1000,
      horizon: formatDay(rule.horizonMs),
      applied_at: isoSeconds(rule.appliedAtMs),
      older: { candles: rule.candles, symbols: rule.symbols },
    })),
  };
}
