/** The list of runs knows of a change after this time, ms. */
const KEEP_MS = 15_000;

/**
 * Runs that this dashboard has started or steered lately: Temporal's list of runs learns of a change a
 * moment late, and whoever pressed a button looks at once.
 */
export class RecentRuns {
  readonly #touched = new Map<string, number>();

  touch(workflowId: string): void {
    this.#touched.set(workflowId, performance.now());
  }

  ids(): readonly string[] {
    for (const [id, atMs] of this.#touched) {
      if (performance.now() - atMs > KEEP_MS) this.#touched.delete(id);
    }
    return [...this.#touched.keys()];
  }
}
