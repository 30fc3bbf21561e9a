import { BackfillCommand } from './backfill.js';
import { CollectCommand } from './collect.js';
import { CollectStopCommand } from './collect-stop.js';
import { CompletionBashCommand } from './completion-bash.js';
import { DashboardCommand } from './dashboard.js';
import { DbRollbackCommand } from './db-rollback.js';
import { DbStatusCommand } from './db-status.js';
import { DbUpgradeCommand } from './db-upgrade.js';
import { DemoCommand } from './demo.js';
import { DoctorCommand } from './doctor.js';
import { DownCommand } from './down.js';
import { ExportCommand } from './export.js';
import { GapsCheckCommand } from './gaps-check.js';
import { GapsExplainCommand } from './gaps-explain.js';
import { GapsListCommand } from './gaps-list.js';
import { GapsRepairCommand } from './gaps-repair.js';
import { RetentionRunCommand } from './retention-run.js';
import { RetentionStatusCommand } from './retention-status.js';
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
import { SyncPauseCommand } from './sync-pause.js';
import { SyncResumeCommand } from './sync-resume.js';
import { SyncStartCommand } from './sync-start.js';
import { SyncStatusCommand } from './sync-status.js';
import { SyncStopCommand } from './sync-stop.js';
import { SyncTriggerCommand } from './sync-trigger.js';
import { UpCommand } from './up.js';
import { VerifyCommand } from './verify.js';
import { WorkerCommand } from './worker.js';

/** Every command of `m1`. */
export const COMMANDS = [
  BackfillCommand,
  StreamCommand,
  StreamStopCommand,
  StatusCommand,
  GapsListCommand,
  GapsCheckCommand,
  GapsExplainCommand,
  GapsRepairCommand,
  VerifyCommand,
  ExportCommand,
  RetentionRunCommand,
  RetentionStatusCommand,
  RunsListCommand,
  RunsShowCommand,
  RunsWatchCommand,
  RunsPauseCommand,
  RunsResumeCommand,
  RunsCancelCommand,
  CollectCommand,
  CollectStopCommand,
  SyncStartCommand,
  SyncStatusCommand,
  SyncPauseCommand,
  SyncResumeCommand,
  SyncTriggerCommand,
  SyncStopCommand,
  DemoCommand,
  UpCommand,
  DownCommand,
  SimulateCommand,
  WorkerCommand,
  DashboardCommand,
  DbUpgradeCommand,
  DbStatusCommand,
  DbRollbackCommand,
  DoctorCommand,
  CompletionBashCommand,
  SoakCommand,
];
