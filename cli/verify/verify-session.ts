import { WrongUse } from '../../domain/failure.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import type { SeriesFilter, VenueCheckResult, Violation } from '../../domain/verify.js';
import type { Config } from '../../runtime/config.js';
import type { TemporalClient } from '../../runtime/temporal.js';
import type { Queryable } from '../../storage/database.js';
import type { PostgresDatabase } from '../../storage/postgres.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { readSymbolSeries } from '../../storage/verify/read-records.js';
import { withDatabase } from '../database.js';
import { EXIT } from '../exit-codes.js';
import { followRepair } from '../gaps/follow-repair.js';
import { print, printJson, say, type CommandIo } from '../io.js';
import { formatCount, plural } from '../render/format.js';
import { candlesIn } from '../render/gap-lines.js';
import { createLineView, type LineView } from '../render/line-view.js';
import {
  verifyDocument,
  verifyLines,
  type RepairedData,
  type VerifyReport,
} from '../render/verify-lines.js';
import { withTemporal } from '../runs/temporal-session.js';
import { runLink } from '../../steering/web-ui.js';
import { repairStored } from './repair-stored.js';
import { checkWithVenue } from './venue-check.js';
import { verifyStored, type VerifiedData } from './verify-stored.js';

export interface VerifyOptions {
  readonly config: Pick<Config, 'postgres' | 'temporal'>;
  readonly filter: SeriesFilter;
  /** Stretches to compare with the exchange; undefined: none. */
  readonly stretches: number | undefined;
  /** Mends what is found. */
  readonly repair: boolean;
  readonly json: boolean;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** Verifies what is stored. @returns the exit code */
export async function verifySession(options: VerifyOptions, io: CommandIo): Promise<number> {
  const { config, json } = options;
  return withDatabase(config.postgres, async (database) => {
    await refuseUnknown(database, options.filter);
    const report = await new Session(options, io, database).run();
    if (json) printJson(io, verifyDocument(report));
    else print(io, verifyLines(report));
    const wrong = report.repair?.remaining ?? report.violations;
    return wrong.length === 0 ? EXIT.done : EXIT.partial;
  });
}

/** A name that is mistyped must not pass for data without a fault. @throws WrongUse */
async function refuseUnknown(database: Queryable, filter: SeriesFilter): Promise<void> {
  const { symbols = [], timeframes } = filter;
  if (symbols.length === 0) return;
  const known = (await readSymbolSeries(database, filter)).map(({ symbol }) => symbol);
  const unknown = symbols.filter((symbol) => !known.includes(symbol));
  if (unknown.length === 0) return;
  const within = timeframes === undefined ? '' : ` in ${timeframes.join(', ')}`;
  throw new WrongUse(
    `nothing is stored of ${unknown.join(', ')}${within}: m1 status shows what is`,
  );
}

class Session {
  readonly #options: VerifyOptions;
  readonly #io: CommandIo;
  readonly #database: PostgresDatabase;

  constructor(options: VerifyOptions, io: CommandIo, database: PostgresDatabase) {
    this.#options = options;
    this.#io = io;
    this.#database = database;
  }

  async run(): Promise<VerifyReport> {
    const { filter, repair } = this.#options;
    const begun = performance.now();
    const data = await this.#verify(filter);
    const seconds = Math.round(performance.now() - begun) / 1000;
    const venue = await this.#compare();
    const violations = [...data.violations, ...(venue?.differences ?? [])];
    return {
      source: await new SqlSourceStore(this.#database).label(),
      ...{ series: data.series, candles: data.candles, seconds, violations, venue },
      repair: repair && violations.length > 0 ? await this.#repair(violations) : undefined,
    };
  }

  async #verify(filter: SeriesFilter): Promise<VerifiedData> {
    const view = await this.#view();
    try {
      return await verifyStored(
        this.#database,
        filter,
        ({ done, symbols, candles, violations }) => {
          const found = violations === 0 ? '' : `, ${plural(violations, 'violation')}`;
          const share = `${formatCount(done)} of ${formatCount(symbols)} symbols`;
          view.show(`verified ${share}, ${formatCount(candles)} candles${found}`);
        },
      );
    } finally {
      view.end();
    }
  }

  async #compare(): Promise<VenueCheckResult | undefined> {
    const { config, filter, stretches, signal } = this.#options;
    if (stretches === undefined) return undefined;
    const seed = Math.floor(Math.random() * 2 ** 31);
    return withTemporal(config, (temporal) =>
      checkWithVenue({
        ...{ temporal, signal, request: { ...filter, stretches, seed } },
        tell: (line) => say(this.#io, line),
        onStart: (run) => {
          const link = runLink(config.temporal, run) ?? run.workflowId;
          say(this.#io, `comparing ${formatCount(stretches)} stretches with the exchange: ${link}`);
        },
      }),
    );
  }

  async #repair(violations: readonly Violation[]): Promise<RepairedData> {
    const { config, filter } = this.#options;
    const verified = filter.timeframes ?? TIMEFRAMES;
    const symbols = [...new Set(violations.map(({ symbol }) => symbol))];
    // before anything is deleted that nobody would ask for
    return withTemporal(config, async (temporal) => {
      const madeDueMs = Date.now();
      const gaps = await repairStored(this.#database, violations, verified, madeDueMs);
      const left = gaps.length === 0 ? [] : await this.#follow(temporal, gaps, madeDueMs);
      const after = await this.#verify({ ...filter, symbols });
      const sum = (list: typeof gaps): number =>
        list.reduce((total, gap) => total + candlesIn(gap), 0);
      return { asked: sum(gaps), missing: sum(left), remaining: after.violations };
    });
  }

  async #follow(
    temporal: TemporalClient,
    gaps: Awaited<ReturnType<typeof repairStored>>,
    madeDueMs: number,
  ) {
    const { left } = await followRepair({
      ...{ temporal, database: this.#database, gaps, madeDueMs, view: await this.#view() },
      tell: (line) => say(this.#io, line),
      signal: this.#options.signal,
    });
    return [...left];
  }

  #view(): Promise<LineView> {
    const { stderr: stream, env } = this.#io;
    return createLineView({ stream, env, silent: this.#options.json });
  }
}
