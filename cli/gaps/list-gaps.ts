import { GAP_KINDS, OUTSIDE_LIFE, type GapRecord } from '../../domain/gap.js';
import type { Config } from '../../runtime/config.js';
import { SqlSourceStore } from '../../storage/source-store.js';
import { withDatabase } from '../database.js';
import { print, printJson, type CommandIo } from '../io.js';
import { candlesIn, gapLines } from '../render/gap-lines.js';
import { isoSeconds } from '../render/format.js';
import type { GapChoice } from './gap-options.js';
import { readAllGaps } from '../../storage/read-all-gaps.js';
import { tellNotStored } from './tell-not-stored.js';

export interface ListGapsOptions {
  readonly config: Pick<Config, 'postgres'>;
  readonly choice: GapChoice;
  /** Also those outside the life of a pair. */
  readonly all: boolean;
  readonly json: boolean;
}

/** Prints the open gaps. @throws ServerAway, GiveUpRun when the database cannot be read */
export async function listGaps(options: ListGapsOptions, io: CommandIo): Promise<void> {
  const { config, choice, all, json } = options;
  const { symbols, timeframes, range } = choice;
  const filter = { symbols, timeframes, range, openOnly: true };
  const kinds =
    choice.kinds ?? (all ? GAP_KINDS : GAP_KINDS.filter((kind) => !OUTSIDE_LIFE.includes(kind)));
  const others = choice.kinds === undefined && !all ? OUTSIDE_LIFE : [];
  await withDatabase(config.postgres, async (database) => {
    const gaps = await readAllGaps(database, { ...filter, kinds });
    const source = await new SqlSourceStore(database).label();
    await tellNotStored(database, symbols ?? [], io);
    if (json) {
      printJson(io, gapsDocument(gaps, source));
      return;
    }
    const hidden =
      others.length === 0 ? [] : await readAllGaps(database, { ...filter, kinds: others });
    print(io, gapLines({ gaps, hidden: hidden.length, source, nowMs: Date.now() }));
  });
}

/** The JSON that `m1 gaps list --json` prints: a contract. */
export function gapsDocument(
  gaps: readonly GapRecord[],
  source: string | undefined,
): Record<string, unknown> {
  return {
    source: source ?? null,
    gaps: gaps.map((gap) => ({
      symbol: gap.symbol,
      timeframe: gap.timeframe,
      from: isoSeconds(gap.period.fromMs),
      to: isoSeconds(gap.period.toMs),
      candles: candlesIn(gap),
      kind: gap.kind,
      asked: gap.asked,
      next_ask: gap.nextAskMs === undefined ? null : isoSeconds(gap.nextAskMs),
    })),
  };
}
