import { expect, it } from 'vitest';
import { readProgress } from '../../dashboard/runs/run-progress.js';
import type { BackfillProgress } from '../../domain/backfill.js';

it('counts how much is done by symbols: the plan holds candles that will never come', async () => {
  const progress: BackfillProgress = {
    ...{ phase: 'running', source: 'bybit', concurrency: 4, startedAtMs: 0, fromMs: 0, toMs: 1 },
    ...{ series: 4, symbols: { total: 4, done: 3 }, plannedCandles: 1_000, candles: 10 },
    ...{ requests: 2, running: [], failed: [] },
  };
  // nothing is under way that either would be asked about
  const shown = await readProgress({} as never, {} as never, progress);
  expect(shown).toMatchObject({ share: 0.75, symbolsDone: 3, plannedCandles: 1_000 });
});
