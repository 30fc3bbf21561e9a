/** A run of a workflow as a list shows it. */
export interface ListedRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly kind: string;
  /** Mostly Temporal's word for it, in lower case: `running`, `completed`, `failed`, `stopped`. */
  readonly status: string;
  readonly phase: string | undefined;
  readonly startedAtMs: number;
  readonly closedAtMs: number | undefined;
}
