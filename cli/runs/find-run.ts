import { WrongUse } from '../../domain/failure.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { listRuns, nameOfRun } from '../../steering/list-runs.js';
import type { RunIdentity } from '../../steering/run-identity.js';

/** What may be left out at the front of an id. */
const PREFIX = 'backfill/bybit/';

const MAX_CANDIDATES = 8;

/**
 * The run that `name` means: a whole workflow id, one without its front, or the beginning of exactly
 * one. Of a Schedule it is the last run.
 *
 * @throws WrongUse when none or several fit
 */
export async function findRun(temporal: TemporalClient, name: string): Promise<RunIdentity> {
  const text = name.replace(/\/+$/, '');
  if (text === '' || /["'`\\]/.test(text)) throw new WrongUse(`${JSON.stringify(name)} is no run`);
  for (const workflowId of [text, `${PREFIX}${text}`]) {
    const run = await describe(temporal, workflowId);
    if (run !== undefined) return run;
  }
  return onlyOneThatBegins(temporal, text);
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

async function onlyOneThatBegins(temporal: TemporalClient, text: string): Promise<RunIdentity> {
  const found = new Map<string, RunIdentity>();
  for (const idPrefix of [text, `${PREFIX}${text}`]) {
    // newest first, so the first of a name is the one that runs or ran last
    for (const run of await listRuns(temporal, { idPrefix, limit: 50 })) {
      const known = nameOfRun(run.workflowId);
      if (!found.has(known)) found.set(known, run);
    }
  }
  const whole = found.get(text);
  if (whole !== undefined) return whole;
  const [only, ...others] = found.values();
  if (only === undefined) {
    throw new WrongUse(`there is no run ${JSON.stringify(text)}: m1 runs list shows them`);
  }
  if (others.length > 0) {
    const names = [...found.keys()].slice(0, MAX_CANDIDATES).join(', ');
    throw new WrongUse(`${JSON.stringify(text)} fits ${found.size} runs: ${names}`);
  }
  return only;
}
