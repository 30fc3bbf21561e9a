import type { Series } from '../../domain/series.js';
import type { TimeRange } from '../../domain/time-range.js';
import type { Config } from '../../runtime/config.js';
import { readCompleteness } from '../../storage/completeness.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { readReachedMs } from '../../storage/verify/read-records.js';
import { withDatabase } from '../database.js';
import { EXIT } from '../exit-codes.js';
import { print, printJson, type CommandIo } from '../io.js';
import { checkDocument, checkLines, type CheckReport } from '../render/check-lines.js';
import { tellNotStored } from './tell-not-stored.js';

export interface CheckGapsOptions {
  readonly config: Pick<Config, 'postgres'>;
  readonly series: readonly Series[];
  readonly range: TimeRange;
  readonly json: boolean;
}

/** Says whether all candles of a range are there. @returns the exit code */
export async function checkGaps(options: CheckGapsOptions, io: CommandIo): Promise<number> {
  const { config, series, range, json } = options;
  const report = await withDatabase(config.postgres, async (database): Promise<CheckReport> => {
    const reachedMs = await readReachedMs(database, Date.now());
    const source = await new SqlSourceStore(database).label();
    const answers = [];
    for (const one of series) {
      answers.push(await readCompleteness(database, { series: one, range, reachedMs }));
    }
    const symbols = series.map(({ symbol }) => symbol);
    await tellNotStored(database, symbols, io);
    return { source, range, answers };
  });
  if (json) printJson(io, checkDocument(report));
  else print(io, checkLines(report));
  return report.answers.every(({ missing }) => missing.length === 0) ? EXIT.done : EXIT.partial;
}
