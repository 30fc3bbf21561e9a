import { performance } from 'node:perf_hooks';

const SLICE_MS = 8;

interface Task {
  readonly name: string;
  readonly steps: Iterator<void>;
}

/**
 * Does long work in slices, so that requests are answered in between. Several tasks take turns step
 * by step.
 */
export class SliceRunner {
  #tasks: Task[] = [];
  readonly #names = new Set<string>();
  #immediate: NodeJS.Immediate | undefined;
  #turn = 0;

  /** Adds a task; one of a name that still runs goes on, and the new one is left out. */
  run(name: string, steps: () => Iterator<void>): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    this.#tasks.push({ name, steps: steps() });
    this.#immediate ??= setImmediate(() => this.#slice());
  }

  /** Forgets everything that is under way. */
  stop(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#tasks = [];
    this.#names.clear();
  }

  #slice(): void {
    this.#immediate = undefined;
    const endMs = performance.now() + SLICE_MS;
    while (this.#tasks.length > 0 && performance.now() < endMs) {
      this.#turn = (this.#turn + 1) % this.#tasks.length;
      const task = this.#tasks[this.#turn] as Task;
      if (task.steps.next().done !== true) continue;
      this.#tasks.splice(this.#turn, 1);
      this.#names.delete(task.name);
    }
    if (this.#tasks.length > 0) this.#immediate ??= setImmediate(() => this.#slice());
  }
}
