import type { Writable } from 'node:stream';
import type { Config } from '../../runtime/config.js';
import type { PostgresDatabase } from '../../storage/postgres.js';
import { inSnapshot } from '../../storage/snapshot.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { SqlStoredStretches } from '../../storage/verify/stored-stretches.js';
import { withDatabase } from '../database.js';
import { EXIT } from '../exit-codes.js';
import { print, printJson, say, type CommandIo } from '../io.js';
import { exportLines } from '../render/export-lines.js';
import { formatCount } from '../render/format.js';
import { createLineView, type LineView } from '../render/line-view.js';
import type { WriteBytes } from './candle-encoder.js';
import type { ExportJob, ExportRequest } from './export-options.js';
import { intoFile, writeManifest, writeSeries, type WrittenRows } from './export-series.js';
import { manifestDocument, type ExportedSeries } from './manifest.js';
import { requireStored } from './require-stored.js';
import { readSeriesFacts } from './series-facts.js';
import { bytesInto, ReaderGone } from './stdout-bytes.js';
import { refuseExisting } from './target-file.js';

export interface ExportSessionOptions {
  readonly config: Pick<Config, 'postgres'>;
  readonly request: ExportRequest;
  /** Replaces files that are there. */
  readonly force: boolean;
  readonly json: boolean;
  /** Of M1, for the manifest. */
  readonly version: string;
  /** Ends it early, and leaves nothing of an unfinished file. */
  readonly signal: AbortSignal;
}

export interface ExportIo extends CommandIo {
  readonly stdout: Writable & CommandIo['stdout'];
}

/** Writes stored candles into files, one series a file. @returns the exit code */
export async function exportSession(options: ExportSessionOptions, io: ExportIo): Promise<number> {
  const { config, request, force, json } = options;
  for (const { file } of request.jobs) {
    if (file !== undefined) await refuseExisting(file, force);
  }
  return withDatabase(config.postgres, async (database) => {
    const stored = await new SqlStoredStretches(database).series({});
    requireStored(
      request.jobs.map(({ series }) => series),
      stored,
    );
    const done: ExportedSeries[] = [];
    for (const job of request.jobs) {
      const exported = await new Session(options, io, database).run(job);
      if (exported === 'unread') return EXIT.done;
      done.push(exported);
      if (job.file === undefined) exportLines(exported).forEach((line) => say(io, line));
      else if (!json) print(io, exportLines(exported));
    }
    if (json) printJson(io, { files: done.map(fileDocument) });
    return EXIT.done;
  });
}

/** An element of what `m1 export --json` prints: a contract. */
function fileDocument(exported: ExportedSeries): Record<string, unknown> {
  return { ...manifestDocument(exported), seconds: exported.seconds };
}

class Session {
  readonly #options: ExportSessionOptions;
  readonly #io: ExportIo;
  readonly #database: PostgresDatabase;

  constructor(options: ExportSessionOptions, io: ExportIo, database: PostgresDatabase) {
    this.#options = options;
    this.#io = io;
    this.#database = database;
  }

  /** @returns `unread` when nobody reads stdout any more */
  async run(job: ExportJob): Promise<ExportedSeries | 'unread'> {
    const { request, version } = this.#options;
    const begun = performance.now();
    const source = await new SqlSourceStore(this.#database).label();
    try {
      const written = await this.#write(job);
      const exported = {
        ...{ ...job, ...written, format: request.format, source, version },
        madeAtMs: Date.now(),
        seconds: Math.round(performance.now() - begun) / 1000,
      };
      if (job.file !== undefined) await writeManifest(job.file, exported);
      return exported;
    } catch (error) {
      if (error instanceof ReaderGone) return 'unread';
      if (!this.#options.signal.aborted) throw error;
      throw new Error(`interrupted: ${job.file ?? 'the rest'} was not written`, { cause: error });
    }
  }

  /** Facts and rows are of one moment. */
  #write({
    series,
    file,
  }: ExportJob): Promise<WrittenRows & Pick<ExportedSeries, 'facts' | 'sha256'>> {
    const { request, force, signal } = this.#options;
    const { format, wanted } = request;
    const { symbol, timeframe } = series;
    return inSnapshot(this.#database, async (snapshot) => {
      const facts = await readSeriesFacts(snapshot, series, wanted, Date.now());
      const view = await this.#view();
      const onRows = (rows: number): void =>
        view.show(
          `${symbol} ${timeframe}: ${formatCount(rows)} of ${formatCount(facts.stored)} candles`,
        );
      const fill = (write: WriteBytes) =>
        writeSeries({ snapshot, series, facts, format, onRows, signal }, write);
      try {
        if (file === undefined) {
          return { ...(await fill(bytesInto(this.#io.stdout))), facts, sha256: undefined };
        }
        const { filled, sha256 } = await intoFile(file, force, fill);
        return { ...filled, facts, sha256 };
      } finally {
        view.end();
      }
    });
  }

  #view(): Promise<LineView> {
    const { stderr: stream, env } = this.#io;
    return createLineView({ stream, env, silent: this.#options.json });
  }
}
