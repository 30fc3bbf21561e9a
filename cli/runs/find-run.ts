import { WrongUse } from '../../domain/failure.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { listRuns } from '../../steering/list-runs.js';
import type { RunIdentity } from '../../steering/run-identity.js';
import { chooseRun, PREFIX, type RunPreference } from './choose-run.js';

/** Of each beginning so many runs are looked at, the newest. */
const MAX_LISTED = 50;

/**
 * The run that `name` means: a whole workflow id, one without its front, or the beginning of one, as
 * {@link chooseRun} has it. Of a Schedule it is the last run.
 *
 * @throws WrongUse when none or several fit
 */
export async function findRun(
  temporal: TemporalClient,
  name: string,
  preference: RunPreference,
): Promise<RunIdentity> {
  const text = name.replace(/\/+$/, '');
  if (text === '' || /["'`\\]/.test(text)) throw new WrongUse(`${JSON.stringify(name)} is no run`);
  for (const workflowId of [text, `${PREFIX}${text}`]) {
    const run = await describe(temporal, workflowId);
    if (run !== undefined) return run;
  }
  const listed = [text, `${PREFIX}${text}`].map((idPrefix) =>
    listRuns(temporal, { idPrefix, limit: MAX_LISTED }),
  );
  return chooseRun(text, (await Promise.all(listed)).flat(), preference);
}

async function describe(
  { client }: TemporalClient,
  workflowId: string,
): Promise<RunIdentity | undefined> {
  try {
    const { runId } = await client.workflow.getHandle(workflowId).describe();
    return { workflowId, runId };
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return undefined;
    throw error;
  }
}
