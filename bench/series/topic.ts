import { createBenchDatabase } from '../bench-database.js';
import { loadNow } from '../machine.js';
import { startSimulatorProcess } from '../programs.js';
import type { Topic } from '../topic.js';
import { timeCommands } from './commands.js';
import { makeUpYear, SERIES, WHAT_THERE_IS } from './made-up-year.js';
import { measureMending, type Loss } from './mending.js';
import { Planner } from './planning.js';
import { commandTable, mendingTable, planTable } from './report.js';

/** So many that 700 of them trade against USDT. */
const TRADING_PAIRS = 760;

/**
 * Long enough that every timeframe has closed candles meanwhile, and over before the moment at which
 * the venue's clock stands: a candle that has only just closed would be waited for.
 */
const LOSS: Loss = {
  fromMs: Date.parse('2025-12-27T23:10:00Z'),
  toMs: Date.parse('2025-12-28T11:50:00Z'),
};

/** What must not grow with the number of series. */
export const SERIES_TOPIC: Topic = {
  name: 'series',
  about: `a year of ${SERIES} series: planning a sync, m1 status, a gap in each of them repaired`,
  async run(context) {
    const { bed, signal, print, say } = context;
    const database = await createBenchDatabase(bed.postgres, 'bench_series');
    const simulator = await startSimulatorProcess(bed, {
      pairs: TRADING_PAIRS,
      latencyMs: 0,
      signal,
    });
    try {
      const planner = await Planner.open(context, database, simulator);
      try {
        const symbols = await planner.topPairs();
        say(`series: a year of ${SERIES} series`);
        await makeUpYear(database.sql, symbols, LOSS.fromMs);
        const load = loadNow();
        say('series: planning');
        const rounds = await planner.measure();
        say('series: commands');
        const commands = await timeCommands(context, database);
        const parts = { database, simulator };
        const mending = await measureMending(context, parts, { symbols, loss: LOSS });
        const tables = [planTable(rounds), commandTable(commands), mendingTable(mending)];
        for (const line of tables.flatMap((table) => [...table, ''])) print(line);
        for (const line of NOTES) print(line);
        print(`Load ${load} before, ${loadNow()} after.`);
      } finally {
        await planner.close();
      }
    } finally {
      await simulator.stop();
      await database.close();
    }
  },
};

const NOTES = [
  ...WHAT_THERE_IS,
  'Planning: syncTimeframe of all timeframes at the same moment, the venue asked for its time and its listing',
  'and the pairs recorded, up to the first request for candles; queries counted on their way to PostgreSQL.',
  'A gap in each series: handed over as the stream does after 13 hours without a network, then from the signal',
  'that wakes the repair to its end, through Temporal and a worker that has just started.',
];
