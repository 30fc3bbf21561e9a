import type { RepairActivities } from '../../activities/repair/types.js';
import type { BackfillActivities, SymbolTask } from '../../activities/types.js';
import type { BackfillPlan, BackfillRequest } from '../../domain/backfill.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 15);

/** Activities of a backfill in which every symbol has a candle to be stored; notes what happens. */
export class ScriptedBackfill implements BackfillActivities, Pick<RepairActivities, 'wakeRepair'> {
  /** Such as `plan`, `BTCUSDT`, `wake`, in order. */
  readonly events: string[] = [];
  readonly planned: BackfillRequest[] = [];
  /** Runs before a symbol is done: throws, or waits. */
  before: (task: SymbolTask) => Promise<void> = () => Promise.resolve();

  readonly planBackfill = (request: BackfillRequest): Promise<BackfillPlan> => {
    this.events.push('plan');
    this.planned.push(request);
    const { pairs, timeframes } = request;
    const names = pairs.kind === 'symbols' ? pairs.symbols : [];
    const symbols = names.map((symbol) => ({ symbol, timeframes, candles: 1, requests: 1 }));
    return Promise.resolve({
      ...{ source: 'simulated', databaseId: 'db', venueTimeMs: NOW },
      ...{ fromMs: NOW - DAY, toMs: NOW, toNow: true, requests: 1, seconds: 0 },
      ...{ symbols, series: names.length * TIMEFRAMES.length },
    });
  };

  readonly backfillSymbol = async (task: SymbolTask) => {
    await this.before(task);
    this.events.push(task.symbol);
    return { candles: 1, requests: 1 };
  };

  readonly recordFailed = ({ symbol }: SymbolTask) => {
    this.events.push(`${symbol} failed`);
    return Promise.resolve({ candles: 0, requests: 1 });
  };

  readonly wakeRepair = () => {
    this.events.push('wake');
    return Promise.resolve(true);
  };
}
