import { BackfillCommand } from './backfill.js';
import { DbRollbackCommand } from './db-rollback.js';
import { DbStatusCommand } from './db-status.js';
import { DbUpgradeCommand } from './db-upgrade.js';
import { DemoCommand } from './demo.js';
import { DoctorCommand } from './doctor.js';
import { DownCommand } from './down.js';
import { RunsCancelCommand } from './runs-cancel.js';
import { RunsListCommand } from './runs-list.js';
import { RunsPauseCommand } from './runs-pause.js';
import { RunsResumeCommand } from './runs-resume.js';
import { RunsShowCommand } from './runs-show.js';
import { RunsWatchCommand } from './runs-watch.js';
import { SimulateCommand } from './simulate.js';
import { SoakCommand } from './soak.js';
import { StatusCommand } from './status.js';
import { StreamCommand } from './stream.js';
import { StreamStopCommand } from './stream-stop.js';
import { UpCommand } from './up.js';
import { WorkerCommand } from './worker.js';

/** Every command of `m1`. */
export const COMMANDS = [
  BackfillCommand,
  StreamCommand,
  StreamStopCommand,
  StatusCommand,
  RunsListCommand,
  RunsShowCommand,
  RunsWatchCommand,
  RunsPauseCommand,
  RunsResumeCommand,
  RunsCancelCommand,
  DemoCommand,
  UpCommand,
  DownCommand,
  SimulateCommand,
  WorkerCommand,
  DbUpgradeCommand,
  DbStatusCommand,
  DbRollbackCommand,
  DoctorCommand,
  SoakCommand,
];
