import type { Config } from '../../runtime/config.js';
import { deleteSchedule, pauseSchedule, triggerSchedule } from '../../runtime/schedules.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { syncScheduleId } from '../../domain/sync.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { EXIT } from '../exit-codes.js';
import { print, say, type CommandIo } from '../io.js';
import { withTemporal } from '../runs/temporal-session.js';
import { SCHEDULE_IDS } from '../../steering/sync-schedules.js';

export const NO_SYNC = 'nothing is kept up to date: m1 sync start, or m1 collect';

/** Pauses or resumes the Schedules; a run under way comes to its end. @returns the exit code */
export async function pauseSync(
  config: Pick<Config, 'temporal'>,
  paused: boolean,
  io: CommandIo,
): Promise<number> {
  const text = paused ? 'paused, alerts too: m1 sync resume goes on' : 'resumed';
  return steer(config, io, SCHEDULE_IDS, text, (temporal, id) =>
    pauseSchedule(temporal, id, paused),
  );
}

/** Reads at once what is missing, after the runs that go on. @returns the exit code */
export async function triggerSync(
  config: Pick<Config, 'temporal'>,
  io: CommandIo,
): Promise<number> {
  const ids = TIMEFRAMES.map(syncScheduleId);
  const text = 'asked for a sync of every timeframe: m1 sync status shows how they end';
  return steer(config, io, ids, text, triggerSchedule);
}

async function steer(
  config: Pick<Config, 'temporal'>,
  io: CommandIo,
  ids: readonly string[],
  text: string,
  act: (temporal: TemporalClient, scheduleId: string) => Promise<boolean>,
): Promise<number> {
  return withTemporal(config, async (temporal) => {
    const done = await Promise.all(ids.map((id) => act(temporal, id)));
    if (!done.includes(true)) {
      say(io, `m1: ${NO_SYNC}`);
      return EXIT.failed;
    }
    print(io, [text]);
    return EXIT.done;
  });
}

/** Deletes the Schedules; a run under way comes to its end. */
export async function stopSync(config: Pick<Config, 'temporal'>, io: CommandIo): Promise<void> {
  await withTemporal(config, async (temporal) => {
    const stopped = await deleteSyncSchedules(temporal);
    print(io, [stopped ? 'stopped: nothing is kept up to date any more' : NO_SYNC]);
  });
}

/** @returns whether there were any */
export async function deleteSyncSchedules(temporal: TemporalClient): Promise<boolean> {
  const deleted = await Promise.all(SCHEDULE_IDS.map((id) => deleteSchedule(temporal, id)));
  return deleted.includes(true);
}
