import type { BenchDatabase } from '../bench-database.js';
import { createBenchDatabase } from '../bench-database.js';
import type { Topic, TopicContext } from '../topic.js';
import { BenchProcess } from './child-process.js';
import type { FloorProtocol, FloorRun, MemoryMark, Play } from './protocols.js';
import { isSustained, streamReport, type StreamRow } from './report.js';
import { StreamRig, type MeasuredPlay } from './rig.js';

const SYMBOLS = 700;
/** The shortest interval at which the venue sends a ticker. */
const EVERY_MS = 50;

/** Until the code is compiled. */
const WARM_UP_MS = 4_000;
/** A million updates at 14,000 a second, with the warm-up. */
const LONG_MS = 70_000;
const SHORT_MS = 15_000;
const FLOOR_MS = 5_000;

const STEP_MS = 6_000;
/** Symbols of the rising load, each every 50 ms: from 14,000 updates a second to 80,000. */
const STEPS = [700, 1000, 1200, 1400, 1600, 1800, 2000, 2250, 2500, 3000, 3500, 4000];
/** A step that was missed is tried again: something else may have had the machine. */
const TRIES = 3;

/** The stream's tickers on their way into Redis, beside the smallest loop. */
export const STREAM: Topic = {
  name: 'stream',
  about: '700 tickers every 50 ms into Redis: delay, memory, highest rate, beside a bare loop',
  async run(context) {
    const { bed, print, say } = context;
    const database = await createBenchDatabase(bed.postgres, 'bench_stream');
    try {
      say('stream: the bare loop');
      const floor = await measureFloor(context);
      const { rows, memory, connections } = await measureAims(context, database);
      const limits = await measureLimits(context, database);
      const all = [...rows, ...limits];
      for (const line of streamReport({ rows: all, memory, connections, floor })) print(line);
    } finally {
      await database.close();
    }
  },
};

const AIMED: Play = {
  symbols: SYMBOLS,
  everyMs: EVERY_MS,
  pattern: 'spread',
  forMs: LONG_MS,
  candles: false,
};

/** One receiver through all of it, as a worker lives long. */
async function measureAims(
  { bed, signal, say }: TopicContext,
  database: BenchDatabase,
): Promise<{ rows: StreamRow[]; memory: readonly MemoryMark[]; connections: number }> {
  const rig = await StreamRig.start({ bed, database, symbols: SYMBOLS });
  try {
    const measure = async (name: string, play: Play): Promise<StreamRow> => {
      signal.throwIfAborted();
      say(`stream: ${name}`);
      return { name, measured: await rig.measure(play) };
    };
    await measure('warm-up', { ...AIMED, forMs: WARM_UP_MS });
    const spread = await measure(`${SYMBOLS} symbols, spread over ${EVERY_MS} ms`, AIMED);
    const memory = await rig.memory();
    const short: Play = { ...AIMED, forMs: SHORT_MS };
    const rows = [
      spread,
      await measure(`${SYMBOLS} symbols at the same moment`, { ...short, pattern: 'together' }),
      await measure('the first with candles, a close of all series', { ...short, candles: true }),
    ];
    return { rows, memory, connections: rig.connections };
  } finally {
    await rig.stop();
  }
}

/** More and more symbols until a step is missed. @returns the last that held and the one that did not */
async function measureLimits(
  { bed, signal, say }: TopicContext,
  database: BenchDatabase,
): Promise<StreamRow[]> {
  const rig = await StreamRig.start({ bed, database, symbols: Math.max(...STEPS) });
  try {
    const held: StreamRow[] = [];
    await rig.measure({ ...AIMED, forMs: WARM_UP_MS });
    for (const symbols of STEPS) {
      signal.throwIfAborted();
      say(`stream: ${symbols} symbols`);
      const measured = await measureStep(rig, { ...AIMED, symbols, forMs: STEP_MS });
      if (!isSustained(measured)) {
        return [...held.slice(-1), { name: `did not hold: ${symbols} symbols, spread`, measured }];
      }
      held.push({ name: `highest that held: ${symbols} symbols, spread`, measured });
    }
    return held.slice(-1);
  } finally {
    await rig.stop();
  }
}

/** @returns the first try that held, or the last */
async function measureStep(rig: StreamRig, play: Play): Promise<MeasuredPlay> {
  let measured = await rig.measure(play);
  for (let tries = 1; tries < TRIES && !isSustained(measured); tries++) {
    measured = await rig.measure(play);
  }
  return measured;
}

async function measureFloor({ bed }: TopicContext): Promise<FloorRun> {
  const floor = new BenchProcess<FloorProtocol>('./floor.js');
  try {
    const { host, port } = bed.redis;
    await floor.ask('run', { redis: { host, port }, forMs: WARM_UP_MS });
    return await floor.ask('run', { redis: { host, port }, forMs: FLOOR_MS });
  } finally {
    await floor.stop();
  }
}
