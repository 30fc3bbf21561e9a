import { formatCount } from '../../cli/render/format.js';
import { renderTable, type Column } from '../../cli/render/table.js';
import { atLeast, atMost, megabytes, percent } from '../statistics.js';
import { ALLOWED_IN_5S, type BareLoop } from './bare-loop.js';
import type { OriginalWay } from './original-way.js';
import type { MeasuredRun } from './rig.js';

/** Aims, from docs/architecture.md and its issues. */
const AIM_SECONDS = 7.2;
const AIM_LONG_SHARE = 0.93;
const AIM_WORKER_BYTES = 350 * 1024 ** 2;

/** One measured run and what it stands beside. */
export interface BackfillRow {
  readonly pairs: number;
  readonly days: number;
  readonly latencyMs: number;
  readonly rateLimit: number;
  readonly run: MeasuredRun;
  readonly bare: BareLoop;
  /** Measured at the same latency; undefined where it was not. */
  readonly original: OriginalWay | undefined;
}

const right = (title: string): Column => ({ title, align: 'right' });

/** Share of the requests that the venue allows in this time. */
export function shareOfAllowed(requests: number, seconds: number): number {
  return requests / seconds / (ALLOWED_IN_5S / 5);
}

/** The ratios and the aims, the figures behind them, then who used what. */
export function backfillReport(rows: readonly BackfillRow[]): string[] {
  return [...ratioTable(rows), '', ...figureTable(rows), '', ...usageTable(rows)];
}

function ratioTable(rows: readonly BackfillRow[]): string[] {
  const columns = [
    { title: 'backfill' },
    right('latency'),
    right('BYBIT_RATE_LIMIT'),
    right('time / bare loop'),
    right('speed / original'),
    right('of allowed rate'),
    right('most in 5 s'),
    right('seconds'),
    { title: 'aim' },
  ];
  return renderTable(
    columns,
    rows.map((row) => {
      const { run, bare, original } = row;
      const speed = original && run.candles / run.seconds / (original.candles / original.seconds);
      return [
        `${row.pairs} pairs, ${row.days} days`,
        `${row.latencyMs} ms`,
        String(row.rateLimit),
        (run.seconds / bare.seconds).toFixed(2),
        speed === undefined ? '-' : `${speed.toFixed(0)} x`,
        percent(shareOfAllowed(run.requests, run.seconds)),
        String(run.mostIn5s),
        run.seconds.toFixed(2),
        aimOf(row),
      ];
    }),
  );
}

function aimOf({ days, run }: BackfillRow): string {
  const within = run.mostIn5s <= ALLOWED_IN_5S ? '' : `; ABOVE the ${ALLOWED_IN_5S} in 5 s`;
  if (days > 90) {
    const share = shareOfAllowed(run.requests, run.seconds);
    return `${percent(AIM_LONG_SHARE)} of the rate: ${atLeast(share, AIM_LONG_SHARE)}${within}`;
  }
  return `${AIM_SECONDS} s: ${atMost(run.seconds, AIM_SECONDS)}${within}`;
}

function figureTable(rows: readonly BackfillRow[]): string[] {
  const columns = [
    { title: 'side by side' },
    right('latency'),
    right('requests'),
    right('seconds'),
    right('candles'),
    right('candles/s'),
    right('most in 5 s'),
  ];
  const ofM1 = rows.map(({ pairs, days, latencyMs, rateLimit, run }) => [
    `M1, ${pairs} pairs, ${days} days, limit ${rateLimit}`,
    `${latencyMs} ms`,
    ...figures(run.requests, run.seconds, run.candles),
    String(run.mostIn5s),
  ]);
  return renderTable(columns, [...ofM1, ...bareLines(rows), ...originalLines(rows)]);
}

function bareLines(rows: readonly BackfillRow[]): string[][] {
  return distinctBy(rows, ({ bare }) => bare).map(({ bare, days, latencyMs }) => [
    `(a) the same requests bare, ${days} days, limit ${ALLOWED_IN_5S}`,
    `${latencyMs} ms`,
    ...figures(bare.requests, bare.seconds, undefined),
    String(bare.mostIn5s),
  ]);
}

function originalLines(rows: readonly BackfillRow[]): string[][] {
  return distinctBy(rows, ({ original }) => original).flatMap(({ original, latencyMs }) =>
    original === undefined
      ? []
      : [
          [
            '(b) the original way, a part of one pair',
            `${latencyMs} ms`,
            ...figures(original.requests, original.seconds, original.candles),
            '-',
          ],
        ],
  );
}

function figures(requests: number, seconds: number, candles: number | undefined): string[] {
  return [
    formatCount(requests),
    seconds.toFixed(2),
    ...(candles === undefined
      ? ['-', '-']
      : [formatCount(candles), formatCount(candles / seconds)]),
  ];
}

/** Rows that share a measurement show it once. */
function distinctBy<Row>(rows: readonly Row[], measurement: (row: Row) => unknown): Row[] {
  return [...new Map(rows.map((row) => [measurement(row), row])).values()];
}

function usageTable(rows: readonly BackfillRow[]): string[] {
  const names = rows[0]?.run.usage.processes.map(({ name }) => name) ?? [];
  const columns = [
    { title: 'CPU s / peak MB' },
    ...names.map(right),
    right('sum CPU s'),
    right('others CPU s'),
    { title: `aim: worker ${megabytes(AIM_WORKER_BYTES)} MB` },
  ];
  return renderTable(
    columns,
    rows.map(({ days, latencyMs, rateLimit, run: { usage } }) => {
      const worker = usage.processes.find(({ name }) => name === 'worker')?.peakBytes ?? 0;
      const sum = usage.processes.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0);
      return [
        `${days} days, ${latencyMs} ms, limit ${rateLimit}`,
        ...usage.processes.map(
          ({ cpuSeconds, peakBytes }) => `${cpuSeconds.toFixed(2)} / ${megabytes(peakBytes)}`,
        ),
        sum.toFixed(2),
        usage.othersCpuSeconds.toFixed(2),
        atMost(worker, AIM_WORKER_BYTES),
      ];
    }),
  );
}
