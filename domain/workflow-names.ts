/*
 * Names that workflows, workers, clients and the server's set-up must agree on. Plain data, so that
 * the sandbox of the workflows can read them too.
 */

/** Queue of the workflows. */
export const TASK_QUEUE = 'm1';

/** Queue of activities that ask ByBit's REST. */
export const REST_TASK_QUEUE = 'm1-bybit-rest';

/** Queue of the activities that hold sockets. */
export const STREAM_TASK_QUEUE = 'm1-bybit-stream';

/** Told by the stream's activity to its workflow when data flows; the argument is its generation. */
export const STREAM_LIVE_SIGNAL = 'live';

/** The one workflow that works off table `gap`. */
export const REPAIR_WORKFLOW_ID = 'repair/bybit';
export const REPAIR_WORKFLOW_TYPE = 'repairWorkflow';

/** There are gaps that are due. */
export const WAKE_REPAIR_SIGNAL = 'wake';

/** Starts the one repair, or wakes it when it runs: for `signalWithStart`. */
export const REPAIR_START = {
  workflowId: REPAIR_WORKFLOW_ID,
  taskQueue: TASK_QUEUE,
  signal: WAKE_REPAIR_SIGNAL,
  staticSummary: 'Repair: asks again for candles that are missing',
  staticDetails:
    'The one repair of all series: it asks for each gap when it is due, sleeps until the next one is, ' +
    'and ends when none is left. Signal: `wake`',
} as const;

/** Removes what is older than `RETENTION`. */
export const RETENTION_SCHEDULE_ID = 'retention/bybit';
export const RETENTION_WORKFLOW_TYPE = 'retentionWorkflow';

/** Compares stored candles with the exchange. */
export const VERIFY_WORKFLOW_TYPE = 'verifyWorkflow';
