import type { RunList } from '../api.js';
import type { Connections } from '../connections.js';
import { SharedReading } from '../shared-reading.js';
import { RunsReader } from './read-runs.js';
import { RecentRuns } from './recent-runs.js';

/** The list of runs that all browsers share, new after each change that one of them made. */
export class RunsReading {
  readonly #recent = new RecentRuns();
  readonly #reading: SharedReading<RunList>;

  constructor(connections: Connections) {
    const reader = new RunsReader(connections, this.#recent);
    this.#reading = new SharedReading(() => reader.read());
  }

  /** @throws ServerAway */
  get(): Promise<RunList> {
    return this.#reading.get();
  }

  changed(workflowId: string): void {
    this.#recent.touch(workflowId);
    this.#reading.forget();
  }
}
