import { backfillWorkflowId } from '../../domain/backfill.js';
import { syncScheduleId } from '../../domain/sync.js';
import { REPAIR_WORKFLOW_ID } from '../../domain/workflow-names.js';
import type { Config } from '../../runtime/config.js';
import { describeSchedule } from '../../runtime/schedules.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { EXIT } from '../exit-codes.js';
import { print, type CommandIo } from '../io.js';
import { cancelRun } from '../../steering/steer-run.js';
import { withTemporal } from '../runs/temporal-session.js';
import { stopRunningStream } from '../stream/stop-stream.js';
import { setOf } from '../sync/read-sync.js';
import { deleteSyncSchedules } from '../sync/steer-sync.js';
import { backfillOf, runStatus } from './read-collect.js';

const NO_SET = 'nothing is collected: m1 stream stop ends a stream that runs';

/**
 * Ends all that collects the set: Schedules, backfill, repair, stream. Whoever stops wants nothing more to be
 * asked of the venue, and a backfill goes on later where it stopped. Without a set it touches nothing: what
 * runs then was started by another command.
 *
 * @returns the exit code
 */
export async function stopCollect(
  config: Pick<Config, 'temporal'>,
  io: CommandIo,
): Promise<number> {
  const kept = await withTemporal(config, async (temporal) => {
    const backfill = await backfillOfKept(temporal);
    if (!(await deleteSyncSchedules(temporal))) return false;
    print(io, ['nothing is kept up to date any more']);
    await endRun(temporal, backfill, io);
    return true;
  });
  if (!kept) {
    print(io, [NO_SET]);
    return EXIT.done;
  }
  const exitCode = await stopRunningStream(config, io);
  // last, because the others wake it when they end
  await withTemporal(config, (temporal) => endRun(temporal, REPAIR_WORKFLOW_ID, io));
  return exitCode;
}

async function endRun(
  temporal: TemporalClient,
  workflowId: string | undefined,
  io: CommandIo,
): Promise<void> {
  if (workflowId === undefined || (await runStatus(temporal, workflowId)) !== 'running') return;
  const ended = await cancelRun(temporal, workflowId);
  const how = ended ? 'cancelled' : 'asked to end after the pages in flight';
  print(io, [`${workflowId}: ${how}; m1 collect goes on where it stopped`]);
}

async function backfillOfKept(temporal: TemporalClient): Promise<string | undefined> {
  const known = await describeSchedule(temporal, syncScheduleId('5m'));
  return known && backfillWorkflowId(backfillOf(setOf(known)));
}
