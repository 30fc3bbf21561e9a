import { formatCount } from '../../cli/render/format.js';
import { renderTable, type Column } from '../../cli/render/table.js';
import type { ProcessUsage } from '../process-usage.js';
import { atLeast, atMost, megabytes, percent } from '../statistics.js';
import type { FloorRun, MemoryMark } from './protocols.js';
import type { MeasuredPlay } from './rig.js';

const AIM_UPDATES = 14_000;
/** Rows of other numbers look for the limit. */
const AIM_SYMBOLS = 700;
const AIM_P99_MS = 50;
const AIM_RSS_BYTES = 350 * 1024 ** 2;
/** What the memory may grow by from the first mark to the last and be called flat. */
const FLAT = 1.1;
/** Timers are not exact: so much of the rate counts as the rate. */
const RATE_TOLERANCE = 0.995;
/** A disturbance of the machine, not of the program, when it is no more than this. */
const OVERTAKEN_TOLERANCE = 0.001;

/** Beyond this share of a core for others, a delay says more about them than about the program. */
const DISTURBED_SHARE = 0.25;

export interface StreamRow {
  readonly name: string;
  readonly measured: MeasuredPlay;
}

export interface StreamFindings {
  readonly rows: readonly StreamRow[];
  readonly memory: readonly MemoryMark[];
  readonly connections: number;
  readonly floor: FloorRun;
}

/** Whether it kept up. */
export function isSustained(measured: MeasuredPlay): boolean {
  const { received, played } = measured;
  return (
    received.fromSending.p99 <= AIM_P99_MS &&
    overtaken(measured) <= OVERTAKEN_TOLERANCE * played.tickers
  );
}

export function streamReport(findings: StreamFindings): string[] {
  return [
    ...delayTable(findings),
    '',
    ...usageTable(findings),
    '',
    ...memoryTable(findings.memory),
    ...notes(findings),
  ];
}

const right = (title: string): Column => ({ title, align: 'right' });

function delayTable({ rows, floor }: StreamFindings): string[] {
  const columns = [
    { title: 'tickers into Redis' },
    right('updates/s'),
    right('/ bare loop'),
    right('p50 ms'),
    right('p99 ms'),
    right('worst ms'),
    right('from receipt'),
    right('overtaken'),
    { title: `aim: ${formatCount(AIM_UPDATES)}/s, p99 ${AIM_P99_MS} ms` },
  ];
  const bare = floor.updates / floor.seconds;
  const lines = rows.map(({ name, measured }) => {
    const { fromSending, fromReceipt } = measured.received;
    return [
      name,
      formatCount(updatesPerSecond(measured)),
      (updatesPerSecond(measured) / bare).toFixed(2),
      ...[fromSending.p50, fromSending.p99, fromSending.worst].map(tenths),
      `${tenths(fromReceipt.p50)} / ${tenths(fromReceipt.p99)} / ${tenths(fromReceipt.worst)}`,
      overtakenText(measured),
      measured.play.symbols === AIM_SYMBOLS ? aimOf(measured) : '',
    ];
  });
  return renderTable(columns, [
    ...lines,
    ['bare loop, as fast as it can', formatCount(bare), '1.00', '-', '-', '-', '-', '-', ''],
  ]);
}

function aimOf(measured: MeasuredPlay): string {
  const rate = updatesPerSecond(measured);
  const { p99 } = measured.received.fromSending;
  const rateText = rate >= AIM_UPDATES * RATE_TOLERANCE ? 'ok' : atLeast(rate, AIM_UPDATES);
  const others = measured.usage.othersCpuSeconds / measured.seconds;
  const disturbed = others > DISTURBED_SHARE ? `; others took ${percent(others)} of a core` : '';
  return `rate ${rateText}, p99 ${atMost(p99, AIM_P99_MS)}${disturbed}`;
}

function usageTable({ rows, floor }: StreamFindings): string[] {
  const bare = (floor.cpuSeconds / floor.updates) * 1e6;
  const names = rows[0]?.measured.usage.processes.map(({ name }) => name) ?? [];
  const columns = [
    { title: 'share of one core' },
    ...names.map(right),
    right('others'),
    right('receiver us/update'),
    right('/ bare loop'),
    right('sender skipped'),
  ];
  const lines = rows.map(({ name, measured }) => {
    const { usage, seconds, received, played } = measured;
    const receiver = cpuOf(usage.processes, 'receiver') / received.written;
    return [
      name,
      ...usage.processes.map(({ cpuSeconds }) => percent(cpuSeconds / seconds)),
      percent(usage.othersCpuSeconds / seconds),
      tenths(receiver * 1e6),
      ((receiver * 1e6) / bare).toFixed(2),
      `${played.skippedRounds} rounds`,
    ];
  });
  const empty = names.slice(1).map(() => '-');
  const share = percent(floor.cpuSeconds / floor.seconds);
  return renderTable(columns, [
    ...lines,
    ['bare loop, as fast as it can', share, ...empty, '-', tenths(bare), '1.00', '-'],
  ]);
}

function memoryTable(memory: readonly MemoryMark[]): string[] {
  const columns = [{ title: 'memory of the receiver' }, right('MB'), { title: 'aim' }];
  const [first, early] = memory;
  const last = memory.at(-1);
  const lines = memory.map(({ written, rssBytes }) => {
    const aims = `${megabytes(AIM_RSS_BYTES)} MB: ${atMost(rssBytes, AIM_RSS_BYTES)}`;
    const grown = rssBytes / (early?.rssBytes ?? NaN);
    const flat = `; flat since ${formatCount(early?.written ?? 0)}: ${atMost(grown, FLAT)}`;
    const end = written === last?.written && written !== first?.written ? flat : '';
    const start = written === first?.written ? ' (start)' : '';
    const name = `after ${formatCount(written)} updates${start}`;
    return [name, megabytes(rssBytes), `${aims}${end}`];
  });
  return renderTable(columns, lines);
}

function notes({ rows, connections }: StreamFindings): string[] {
  const series = rows.at(2)?.measured.received.candles ?? 0;
  const closes = rows.at(2)?.measured.played.closes ?? 0;
  return [
    '',
    `Sender, receiver, Redis and PostgreSQL are processes of their own on one machine; ${connections} connections`,
    'for 700 symbols. The receiver is the session of a stream activity: feed, ticker pump, lease,',
    'published updates, metrics, candles into PostgreSQL; without Temporal and REST. Delays run from the',
    "sender's clock in the frame (whole ms) to Redis' answer; from receipt: p50 / p99 / worst.",
    'Overtaken: replaced by a newer ticker of its symbol before it was written.',
    `With candles: each of 3,500 series an open candle every second; ${formatCount(series)} of ${formatCount(closes)} closed`,
    'candles stored and published.',
    'Bare loop: the same frames from memory, JSON.parse, HSET and EXPIRE through a pipeline of ioredis.',
    `Held: p99 at most ${AIM_P99_MS} ms and at most ${percent(OVERTAKEN_TOLERANCE)} overtaken.`,
  ];
}

function updatesPerSecond({ received, seconds }: MeasuredPlay): number {
  return received.written / seconds;
}

/** Sent, and never written. */
function overtaken({ played, received }: MeasuredPlay): number {
  return played.tickers - received.written;
}

function overtakenText(measured: MeasuredPlay): string {
  const count = overtaken(measured);
  return count === 0 ? '0' : `${formatCount(count)} (${percent(count / measured.played.tickers)})`;
}

function cpuOf(processes: readonly ProcessUsage[], wanted: string): number {
  return processes.find(({ name }) => name === wanted)?.cpuSeconds ?? NaN;
}

function tenths(value: number): string {
  return value.toFixed(1);
}
