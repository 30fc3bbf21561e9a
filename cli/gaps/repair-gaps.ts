import { UNPROVED_KINDS } from '../../domain/gap.js';
import type { Config } from '../../runtime/config.js';
import { makeDue, type DueGap } from '../../storage/make-due.js';
import { withDatabase } from '../database.js';
import { EXIT } from '../exit-codes.js';
import { print, say, type CommandIo } from '../io.js';
import { plural } from '../render/format.js';
import { candlesIn } from '../render/gap-lines.js';
import { createLineView } from '../render/line-view.js';
import { repairLines } from '../render/repair-lines.js';
import { NO_WORKER } from '../../steering/missing-worker.js';
import { withTemporal } from '../runs/temporal-session.js';
import { workerPolls } from '../../runtime/worker-presence.js';
import type { GapChoice } from './gap-options.js';
import { followRepair } from './follow-repair.js';
import { wakeRepair } from '../../steering/wake-repair.js';

export interface RepairGapsOptions {
  readonly config: Pick<Config, 'postgres' | 'temporal'>;
  readonly choice: GapChoice;
  /** Returns as soon as the repair is woken. */
  readonly detach: boolean;
  /** Leaves the repair going on. */
  readonly signal: AbortSignal;
}

/** Asks for missing candles again now. @returns the exit code */
export async function repairGaps(options: RepairGapsOptions, io: CommandIo): Promise<number> {
  const { config, choice, detach, signal } = options;
  return withTemporal(config, (temporal) =>
    withDatabase(config.postgres, async (database) => {
      const madeDueMs = Date.now();
      const kinds = choice.kinds ?? UNPROVED_KINDS;
      const gaps = await makeDue(database, { ...choice, kinds }, madeDueMs);
      if (gaps.length === 0) {
        print(io, ['nothing to repair']);
        return EXIT.done;
      }
      say(io, `${sumText(gaps)} to be asked for now`);
      if (detach) {
        await wakeRepair(temporal);
        if (await workerPolls(temporal)) return EXIT.done;
        say(io, `m1: ${NO_WORKER}`);
        return EXIT.failed;
      }
      const view = await createLineView({ stream: io.stderr, env: io.env, silent: false });
      const tell = (line: string): void => say(io, line);
      const follow = { temporal, database, gaps, madeDueMs, view, tell, signal };
      const { left, finished } = await followRepair(follow);
      if (!finished) {
        say(io, 'left going on: m1 gaps list shows what is still missing');
        return EXIT.done;
      }
      print(io, repairLines({ gaps, left, nowMs: Date.now() }));
      return EXIT.done;
    }),
  );
}

function sumText(gaps: readonly DueGap[]): string {
  const candles = gaps.reduce((sum, gap) => sum + candlesIn(gap), 0);
  return `${plural(gaps.length, 'gap')}, ${plural(candles, 'candle')}`;
}
