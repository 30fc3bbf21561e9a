/** What names one run of a workflow. */
export interface RunIdentity {
  readonly workflowId: string;
  readonly runId: string;
}
