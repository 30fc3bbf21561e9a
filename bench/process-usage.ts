import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock ticks a second in /proc, the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 250;

/** A process to be watched, together with its children. */
export interface WatchedProcess {
  readonly name: string;
  readonly pid: number;
}

/** What a process and its children used. */
export interface ProcessUsage {
  readonly name: string;
  readonly cpuSeconds: number;
  /** Peak of the memory in use, bytes, see {@link UsageWatch}. */
  readonly peakBytes: number;
}

/** What was used from the start of a watch to its end. */
export interface Usage {
  readonly processes: readonly ProcessUsage[];
  /** CPU seconds of everything else on this machine: what disturbed the measurement. */
  readonly othersCpuSeconds: number;
}

/** True where the system tells what a process uses. */
export function canMeasureProcesses(): boolean {
  return processFile(process.pid, 'stat') !== undefined;
}

/**
 * Watches processes from its creation to `stop`.
 *
 * CPU counts living children and those that have ended. Peak memory of a process without children
 * is the kernel's own peak since the process started (VmHWM); of one with children it is the
 * largest of four samples a second, shared memory counted once.
 */
export class UsageWatch {
  readonly #processes: readonly WatchedProcess[];
  readonly #startCpu: readonly number[];
  readonly #startBusy: number;
  readonly #sampledPeaks: number[];
  readonly #timer: NodeJS.Timeout;

  constructor(processes: readonly WatchedProcess[]) {
    this.#processes = processes;
    this.#startCpu = processes.map(({ pid }) => treeCpuSeconds(pid));
    this.#startBusy = machineBusySeconds();
    this.#sampledPeaks = processes.map(({ pid }) => treeMemoryBytes(pid));
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  stop(): Usage {
    clearInterval(this.#timer);
    this.#sample();
    const processes = this.#processes.map(({ name, pid }, i) => ({
      name,
      cpuSeconds: treeCpuSeconds(pid) - (this.#startCpu[i] ?? 0),
      peakBytes: hasChildren(pid) ? (this.#sampledPeaks[i] ?? 0) : statusBytes(pid, 'VmHWM'),
    }));
    const ours = processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    return {
      processes,
      othersCpuSeconds: Math.max(0, machineBusySeconds() - this.#startBusy - ours),
    };
  }

  #sample(): void {
    this.#processes.forEach(({ pid }, i) => {
      this.#sampledPeaks[i] = Math.max(this.#sampledPeaks[i] ?? 0, treeMemoryBytes(pid));
    });
  }
}

/** CPU seconds of a process, its living children and the ended ones that it has waited for. */
export function treeCpuSeconds(pid: number): number {
  return treeOf(pid)
    .map(cpuSeconds)
    .reduce((sum, seconds) => sum + seconds, 0);
}

function cpuSeconds(pid: number): number {
  const fields = statFields(pid);
  // utime, stime, and the same of children that were waited for
  const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i] ?? 0), 0);
  return ticks / TICKS_PER_SECOND;
}

function treeMemoryBytes(pid: number): number {
  const tree = treeOf(pid);
  const own = tree.reduce((sum, each) => sum + statusBytes(each, 'RssAnon'), 0);
  return own + Math.max(...tree.map((each) => statusBytes(each, 'RssShmem')));
}

function hasChildren(pid: number): boolean {
  return treeOf(pid).length > 1;
}

/** The process and all that descend from it. */
function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const each of allPids()) {
    const parent = Number(statFields(each)[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), each]);
  }
  const tree = [pid];
  for (const each of tree) tree.push(...(children.get(each) ?? []));
  return tree;
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The fields of /proc/PID/stat from the state on: the name before them may hold spaces. */
function statFields(pid: number): string[] {
  const stat = processFile(pid, 'stat') ?? '';
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function statusBytes(pid: number, field: string): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(processFile(pid, 'status') ?? '');
  return Number(line?.[1] ?? 0) * 1024;
}

/** Undefined when the process has ended, or where there is no /proc. */
function processFile(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** CPU seconds that all cores together have been busy: user, nice, system, irq, softirq. */
function machineBusySeconds(): number {
  const cpu = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/);
  const ticks = [1, 2, 3, 6, 7].reduce((sum, i) => sum + Number(cpu[i] ?? 0), 0);
  return ticks / TICKS_PER_SECOND;
}
