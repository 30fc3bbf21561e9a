import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './cache-dir.js';
import type { ServerProcess } from './server-process.js';
import { StackError } from './stack-error.js';

const BACKOFF_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;
/** After this long a process counts as healthy, and its next death starts the backoff again. */
const HEALTHY_MS = 60_000;

/** What a start function gets from the supervisor. */
export interface StartContext {
  /** Aborted when the supervisor stops. */
  readonly signal: AbortSignal;
  /** To be told as soon as the process exists. */
  readonly onSpawn: (process: ServerProcess) => void;
}

/** Starts one process and returns when it is ready. */
export type Start<T extends ServerProcess> = (context: StartContext) => Promise<T>;

/** The options of {@link Supervisor}. */
export interface SupervisorOptions {
  readonly log: Log;
  /** Told the running processes, in the order of their first start, at every change. */
  readonly onChange: (processes: readonly ServerProcess[]) => void;
}

/**
 * Keeps processes running: one that dies is started again, with a growing delay. It stops only
 * what it started, the last first.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  /** In the order in which they were added; a place stays empty while its process is away. */
  readonly #places: (ServerProcess | undefined)[] = [];
  readonly #watches: Promise<void>[] = [];

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * Starts a process and, once it was ready, starts it again with `restart` whenever it dies.
   * A failure of the first start is the caller's: it is thrown and not tried again.
   */
  async add<T extends ServerProcess>(start: Start<T>, restart: (first: T) => Start<T>): Promise<T> {
    const place = this.#places.push(undefined) - 1;
    let first: T;
    try {
      first = await start(this.#context(place));
    } catch (error) {
      this.#set(place, undefined);
      throw error;
    }
    if (this.#isStopping()) {
      await first.stop();
      throw new StackError('the start was interrupted');
    }
    this.#watches.push(this.#watch(place, first, restart(first)));
    return first;
  }

  /** Ends the starts that are going on, and starts nothing any more. */
  abort(): void {
    this.#stopping.abort(new StackError('the start was interrupted'));
  }

  /** Stops everything, the last added first, and returns when all of it is gone. */
  async stop(): Promise<void> {
    this.abort();
    for (let place = this.#places.length - 1; place >= 0; place -= 1) {
      await this.#places[place]?.stop();
      this.#set(place, undefined);
    }
    await Promise.all(this.#watches);
  }

  #context(place: number): StartContext {
    return {
      signal: this.#stopping.signal,
      onSpawn: (process) => this.#set(place, process),
    };
  }

  #set(place: number, process: ServerProcess | undefined): void {
    this.#places[place] = process;
    this.#options.onChange(this.#places.filter((item) => item !== undefined));
  }

  async #watch<T extends ServerProcess>(place: number, first: T, restart: Start<T>): Promise<void> {
    let running: ServerProcess | undefined = first;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      if (running !== undefined) {
        const readyAt = Date.now();
        const how = await running.exited;
        if (this.#isStopping()) return;
        this.#set(place, undefined);
        if (Date.now() - readyAt > HEALTHY_MS) failures = 0;
        this.#options.log(
          `${running.name} ended (${how}), see ${running.logFile}: starting it again`,
        );
      }
      await this.#pause(failures);
      failures += 1;
      running = await this.#tryStart(place, restart);
      if (running !== undefined) this.#options.log(`${running.name} runs again`);
    }
  }

  /** A function, because the compiler takes a flag for unchanged across an await. */
  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #pause(failures: number): Promise<void> {
    const delayMs = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? 0;
    await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  async #tryStart<T extends ServerProcess>(
    place: number,
    restart: Start<T>,
  ): Promise<T | undefined> {
    if (this.#isStopping()) return undefined;
    try {
      const process = await restart(this.#context(place));
      if (!this.#isStopping()) return process;
      await process.stop();
    } catch (error) {
      this.#set(place, undefined);
      if (!this.#isStopping()) this.#options.log((error as Error).message);
    }
    return undefined;
  }
}
