import { renderTable } from '../../cli/render/table.js';
import { Rig } from '../backfill/rig.js';
import { createBenchDatabase } from '../bench-database.js';
import { startSimulatorProcess } from '../programs.js';
import { atMost } from '../statistics.js';
import type { Topic } from '../topic.js';

const PAIRS = 50;
const TRADING_PAIRS = 80;
const DAYS = 30;
const RATE_LIMIT = 570;
const LATENCY_MS = 150;
const AIM_SECONDS = 3;

/** The same backfill again, when the venue has nothing new. */
export const REPEAT: Topic = {
  name: 'repeat',
  about: 'a repeated backfill with nothing new, 250 series',
  async run({ bed, signal, print, say }) {
    const database = await createBenchDatabase(bed.postgres, 'bench_repeat');
    const simulator = await startSimulatorProcess(bed, {
      pairs: TRADING_PAIRS,
      latencyMs: LATENCY_MS,
      signal,
    });
    try {
      const rig = await Rig.start({ bed, database, simulator, rateLimit: RATE_LIMIT, signal });
      say(`repeat: ${PAIRS} pairs, ${DAYS} days`);
      const first = await rig.backfillAnew(PAIRS, DAYS);
      const again = await rig.backfill(PAIRS, DAYS);
      await rig.stop();
      const columns = [
        { title: 'backfill' },
        { title: 'series', align: 'right' },
        { title: 'requests', align: 'right' },
        { title: 'candles', align: 'right' },
        { title: 'seconds', align: 'right' },
        { title: 'aim' },
      ] as const;
      const line = (name: string, run: typeof first, aim: string): string[] => [
        ...[name, run.series, run.requests, run.candles, run.seconds.toFixed(2)].map(String),
        aim,
      ];
      const most = again.requests <= again.series ? 'ok' : 'missed';
      const aim = `${AIM_SECONDS} s: ${atMost(again.seconds, AIM_SECONDS)}; at most a request a series: ${most}`;
      const rows = [line('first', first, ''), line('again', again, aim)];
      for (const text of renderTable(columns, rows)) print(text);
      print(
        `\n${PAIRS} pairs, ${DAYS} days, ${LATENCY_MS} ms latency, the venue's clock standing still`,
      );
    } finally {
      await simulator.stop();
      await database.close();
    }
  },
};
