import type { StreamPairs } from '../../domain/stream.js';
import type { Config } from '../../runtime/config.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import { connectRedis } from '../../storage/redis.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { withDatabase } from '../database.js';
import { EXIT } from '../exit-codes.js';
import { print, printJson, say, type CommandIo } from '../io.js';
import { formatSeconds } from '../render/format.js';
import type { StartedRun } from '../../steering/start-run.js';
import { withTemporal } from '../runs/temporal-session.js';
import { endSession, type SessionEndOptions } from '../stream/end-session.js';
import type { FollowedStream } from '../stream/follow-stream.js';
import { awaitLive, beginStream, type LateStream } from './begin-stream.js';
import { judgeSoak } from './judge-soak.js';
import { refuseTooShort } from './refuse-too-short.js';
import { ReportFile } from './report-file.js';
import { runSoak, stepMs, type SoakEnd } from './run-soak.js';
import { soakDocument } from './soak-document.js';
import { hasPassed, type SoakFindings } from './soak-findings.js';
import { sampleLine, verdictLines } from './soak-lines.js';

export interface SoakSessionOptions {
  readonly config: Config;
  /** Undefined: what runs already, or the top 50. */
  readonly pairs: StreamPairs | undefined;
  readonly durationMs: number;
  /** Path of the report; undefined: none is written. */
  readonly report: string | undefined;
  /** One document on stdout and no lines in between. */
  readonly json: boolean;
  /** Ends it early, with the verdict so far. */
  readonly signal: AbortSignal;
}

type Tell = (line: string) => void;

/** Runs the stream for a time and judges it. @returns the exit code */
export async function soakSession(options: SoakSessionOptions, io: CommandIo): Promise<number> {
  const { config, pairs, durationMs, json, signal } = options;
  const tell: Tell = json ? () => undefined : (line) => print(io, [line]);
  const report = options.report === undefined ? undefined : new ReportFile(options.report);
  // a soak without the database would end without a verdict
  const source = await withDatabase(config.postgres, (database) =>
    new SqlSourceStore(database).label(),
  );
  refuseTooShort(durationMs, source);
  const findings = await withTemporal(config, async (temporal) => {
    const run = await beginStream({ temporal, pairs, tell, signal });
    const begun = await awaitLive(temporal, run, signal);
    if (begun.kind === 'live') return soakLive({ ...options, temporal, run, tell }, io);
    return couldNotRun(begun, { temporal, run, tell }, io);
  });
  if (typeof findings === 'number') return findings;
  report?.write(findings);
  if (json) printJson(io, soakDocument(findings));
  else print(io, verdictLines(findings));
  return hasPassed(findings) ? EXIT.done : EXIT.partial;
}

/** @returns the exit code */
async function couldNotRun(
  begun: FollowedStream | LateStream,
  options: SessionEndOptions,
  io: CommandIo,
): Promise<number> {
  if (begun.kind === 'late') say(io, `m1: ${begun.reason}`);
  await endSession(begun.kind === 'late' ? { kind: 'left' } : begun, options, io);
  return begun.kind === 'failed' ? begun.exitCode : EXIT.failed;
}

interface LiveOptions extends SoakSessionOptions {
  readonly temporal: TemporalClient;
  readonly run: StartedRun;
  readonly tell: Tell;
}

/** Watches the stream, then leaves it as a watching session would. */
async function soakLive(options: LiveOptions, io: CommandIo): Promise<SoakFindings> {
  const { temporal, run, tell } = options;
  let end: SoakEnd | undefined;
  try {
    end = await watch(options);
  } finally {
    await endSession(end?.outcome ?? { kind: 'left' }, { temporal, run, tell }, io);
  }
  const { record } = end;
  const { status } = record.samples.findLast(({ standing }) => standing.status !== undefined)
    ?.standing ?? { status: undefined };
  return {
    source: status?.source,
    symbols: status?.symbols ?? [],
    record,
    criteria: judgeSoak(record),
  };
}

async function watch({ config, durationMs, tell, ...options }: LiveOptions): Promise<SoakEnd> {
  const every = formatSeconds(stepMs(durationMs) / 1000);
  tell(`soaking for ${formatSeconds(durationMs / 1000)}, a sample every ${every}`);
  const redis = await connectRedis(config.redis);
  try {
    return await withDatabase(config.postgres, (database) =>
      runSoak({
        ...options,
        ...{ durationMs, database, redis },
        onSample: (sample) => tell(sampleLine(sample)),
      }),
    );
  } finally {
    redis.disconnect();
  }
}
