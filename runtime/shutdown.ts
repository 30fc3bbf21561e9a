import { reasonOf } from '../domain/failure.js';

/** One thing to stop. */
interface ShutdownStep {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

export interface ShutdownOptions {
  /** Told what is stopped and what could not be. */
  readonly log: (line: string) => void;
  /** @default this process */
  readonly process?: SignalSource;
  /** Ends the program at a second signal. @default process.exit */
  readonly exit?: (code: number) => void;
  /** Steady clock, ms. @default performance.now */
  readonly nowMs?: () => number;
}

/** What is needed of `process`. */
export interface SignalSource {
  on(event: NodeJS.Signals, listener: () => void): unknown;
  off(event: NodeJS.Signals, listener: () => void): unknown;
}

/** Exit code of a program that a second signal cut short: 128 + SIGINT. */
const FORCED_EXIT_CODE = 130;

/** SIGHUP: the terminal was closed. */
/** Signals closer together than this count as one, ms. */
const SAME_SIGNAL_MS = 500;

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Ordered shutdown: the first signal aborts `signal`, so that the program leaves its wait
 * and calls `run`, which stops what was started, last started first. A second signal ends the process
 * at once.
 */
export class Shutdown {
  readonly #requested = new AbortController();
  readonly #steps: ShutdownStep[] = [];
  readonly #options: ShutdownOptions;
  readonly #source: SignalSource;
  readonly #nowMs: () => number;
  #running: Promise<void> | undefined;
  #signalledAtMs = -Infinity;

  constructor(options: ShutdownOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#source = options.process ?? process;
    for (const signal of SIGNALS) this.#source.on(signal, this.#onSignal);
  }

  /** Aborted at the first signal. */
  get signal(): AbortSignal {
    return this.#requested.signal;
  }

  /** Stops `stop` at shutdown, before what was added earlier. */
  add(name: string, stop: () => Promise<void> | void): void {
    this.#steps.push({ name, stop });
  }

  /** Resolves at the first signal. */
  async requested(): Promise<void> {
    if (this.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Asks for the shutdown as a signal would. */
  request(): void {
    this.#requested.abort();
  }

  /** Stops everything, each thing once; a step that fails does not keep the others running. */
  async run(): Promise<void> {
    this.#running ??= this.#stopAll();
    await this.#running;
  }

  async #stopAll(): Promise<void> {
    this.request();
    for (const { name, stop } of this.#steps.splice(0).reverse()) {
      try {
        await stop();
      } catch (error) {
        this.#options.log(`${name} did not stop cleanly: ${reasonOf(error)}`);
      }
    }
    for (const signal of SIGNALS) this.#source.off(signal, this.#onSignal);
  }

  readonly #onSignal = (): void => {
    if (!this.signal.aborted) {
      this.#signalledAtMs = this.#nowMs();
      this.request();
      return;
    }
    // A terminal and a program such as timeout signal the process and its group: one person's wish.
    if (this.#nowMs() - this.#signalledAtMs < SAME_SIGNAL_MS) return;
    this.#options.log('second signal: stopping at once');
    (this.#options.exit ?? process.exit)(FORCED_EXIT_CODE);
  };
}
