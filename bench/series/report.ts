import { formatCount } from '../../cli/render/format.js';
import { renderTable, type Column } from '../../cli/render/table.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { ALLOWED_IN_5S } from '../backfill/bare-loop.js';
import { shareOfAllowed } from '../backfill/report.js';
import { atMost, median, percent } from '../statistics.js';
import type { TimedCommand } from './commands.js';
import { SERIES } from './made-up-year.js';
import type { Mending } from './mending.js';
import type { PlannedRound } from './planning.js';

const AIM_PLAN_SECONDS = 2;
/** A handful for each timeframe, however many series there are. */
const AIM_PLAN_QUERIES = 12 * TIMEFRAMES.length;
/** "Well under a minute". */
const AIM_MENDED_SECONDS = 40;

const right = (title: string): Column => ({ title, align: 'right' });

const worst = (values: readonly number[]): number => Math.max(...values);
const best = (values: readonly number[]): number => Math.min(...values);

/** How long commands took, beside the runtime itself. */
export function commandTable(commands: readonly TimedCommand[]): string[] {
  const alone = median(commands[0]?.seconds ?? []);
  const columns = [
    { title: 'command' },
    ...['/ node alone', 'median s', 'best s', 'worst s'].map(right),
    { title: 'aim (median)' },
  ];
  return renderTable(
    columns,
    commands.map(({ name, seconds, aimSeconds }) => [
      name,
      (median(seconds) / alone).toFixed(1),
      ...[median(seconds), best(seconds), worst(seconds)].map((value) => value.toFixed(2)),
      aimSeconds === undefined ? '-' : `${aimSeconds} s: ${atMost(median(seconds), aimSeconds)}`,
    ]),
  );
}

/** What it takes to know what all syncs have to ask for. */
export function planTable(rounds: readonly PlannedRound[]): string[] {
  const columns = [
    { title: 'planning a sync' },
    ...['series', 'median s', 'best s', 'worst s', 'queries', 'transactions'].map(right),
    { title: 'aim' },
  ];
  const seconds = rounds.map((round) => round.seconds);
  const statements = worst(rounds.map(({ queries }) => queries.statements));
  const transactions = worst(rounds.map(({ queries }) => queries.transactions));
  const aims =
    `${AIM_PLAN_SECONDS} s: ${atMost(median(seconds), AIM_PLAN_SECONDS)}; ` +
    `${AIM_PLAN_QUERIES} queries: ${atMost(statements, AIM_PLAN_QUERIES)}`;
  return renderTable(columns, [
    [
      'five timeframes at once',
      formatCount(SERIES),
      ...[median(seconds), best(seconds), worst(seconds)].map((value) => value.toFixed(2)),
      String(statements),
      String(transactions),
      aims,
    ],
  ]);
}

/** How fast the gaps of a lost network close. */
export function mendingTable({ rows, bare }: Mending): string[] {
  const columns = [
    { title: 'a gap in each series' },
    ...['BYBIT_RATE_LIMIT', 'time / bare loop', 'of allowed rate', 'most in 5 s'].map(right),
    ...['seconds', 'requests', 'candles', 'handed over s', 'sum CPU s', 'others CPU s'].map(right),
    { title: 'aim' },
  ];
  const lines = rows.map(({ rateLimit, handOverSeconds, work }) => {
    const { requests, seconds, mostIn5s, usage, result } = work;
    const within = mostIn5s <= ALLOWED_IN_5S ? '' : `; ABOVE the ${ALLOWED_IN_5S} in 5 s`;
    return [
      `${formatCount(result.gaps)} gaps`,
      String(rateLimit),
      (seconds / bare.seconds).toFixed(2),
      percent(shareOfAllowed(requests, seconds)),
      String(mostIn5s),
      seconds.toFixed(2),
      formatCount(requests),
      formatCount(result.candles),
      handOverSeconds.toFixed(2),
      usage.processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0).toFixed(2),
      usage.othersCpuSeconds.toFixed(2),
      `${AIM_MENDED_SECONDS} s: ${atMost(seconds, AIM_MENDED_SECONDS)}${within}`,
    ];
  });
  const reference = [
    'the same requests bare',
    String(ALLOWED_IN_5S),
    '1.00',
    percent(shareOfAllowed(bare.requests, bare.seconds)),
    String(bare.mostIn5s),
    bare.seconds.toFixed(2),
    formatCount(bare.requests),
    ...['-', '-', '-', '-', '-'],
  ];
  return renderTable(columns, [...lines, reference]);
}
