import type { Series } from '../../domain/series.js';
import { openTimeMs, timeframeMs } from '../../domain/timeframe.js';
import type { Config } from '../../runtime/config.js';
import { readCandleFacts } from '../../storage/explain.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { readReachedMs } from '../../storage/verify/read-records.js';
import { withDatabase } from '../database.js';
import { EXIT } from '../exit-codes.js';
import { print, printJson, type CommandIo } from '../io.js';
import { explainDocument, explainLines, type Explanation } from '../render/explain-lines.js';
import { runLink } from '../../steering/web-ui.js';
import { candleStatus, isAccountedFor } from './candle-verdict.js';
import { tellNotStored } from './tell-not-stored.js';

export interface ExplainOptions {
  readonly config: Pick<Config, 'postgres' | 'temporal'>;
  readonly series: Series;
  /** Any moment within the candle. */
  readonly timeMs: number;
  readonly json: boolean;
}

/** Says where a candle came from or why it is not there. @returns the exit code */
export async function explainCandle(options: ExplainOptions, io: CommandIo): Promise<number> {
  const { config, series, timeMs, json } = options;
  const fromMs = openTimeMs(series.timeframe, timeMs);
  const period = { fromMs, toMs: fromMs + timeframeMs(series.timeframe) };
  const explanation = await withDatabase(
    config.postgres,
    async (database): Promise<Explanation> => {
      const nowMs = Date.now();
      const facts = await readCandleFacts(database, series, fromMs);
      const status = candleStatus(facts, period, await readReachedMs(database, nowMs));
      const source = await new SqlSourceStore(database).label();
      await tellNotStored(database, [series.symbol], io);
      return { series, period, status, facts, source, nowMs };
    },
  );
  const link = (run: { workflowId: string; runId: string }) => runLink(config.temporal, run);
  if (json) printJson(io, explainDocument(explanation, link));
  else print(io, explainLines(explanation, link));
  return isAccountedFor(explanation.status) ? EXIT.done : EXIT.partial;
}
