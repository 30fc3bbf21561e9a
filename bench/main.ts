import { reasonOf } from '../domain/failure.js';
import { Shutdown } from '../runtime/shutdown.js';
import { provisionServers } from '../stack/provision.js';
import { BACKFILL } from './backfill/topic.js';
import { BedMaker, removeLeftBeds } from './bed.js';
import { DASHBOARD } from './dashboard/topic.js';
import { EXPORT } from './export/topic.js';
import { machineFacts } from './machine.js';
import { canMeasureProcesses } from './process-usage.js';
import { REPEAT } from './repeat/topic.js';
import { SERIES_TOPIC } from './series/topic.js';
import { STORING } from './storing/topic.js';
import { STREAM } from './stream/topic.js';
import type { Topic } from './topic.js';

const TOPICS: readonly Topic[] = [
  BACKFILL,
  REPEAT,
  STORING,
  STREAM,
  SERIES_TOPIC,
  DASHBOARD,
  EXPORT,
];

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function usage(): string {
  const topics = TOPICS.map(({ name, about }) => `  ${name.padEnd(10)}${about}`);
  return ['usage: npm run bench [-- NAME ...]   (all of them by default)', ...topics].join('\n');
}

/** Runs the topics named on the command line. @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    print(usage());
    return 0;
  }
  const unknown = args.filter((arg) => !TOPICS.some(({ name }) => name === arg));
  if (unknown.length > 0) {
    say(`bench: there is no ${unknown.join(', ')}\n${usage()}`);
    return EXIT_WRONG_USE;
  }
  if (!canMeasureProcesses()) {
    say('bench: CPU and memory are read from /proc, so it needs Linux');
    return EXIT_FAILED;
  }
  const chosen = TOPICS.filter(({ name }) => args.length === 0 || args.includes(name));
  const shutdown = new Shutdown({ log: say });
  try {
    await runTopics(chosen, shutdown);
    return 0;
  } catch (error) {
    if (!shutdown.signal.aborted) {
      say(`bench: ${process.env['LOG_LEVEL'] === 'debug' ? String(error) : reasonOf(error)}`);
    }
    return EXIT_FAILED;
  } finally {
    await shutdown.run();
  }
}

async function runTopics(topics: readonly Topic[], shutdown: Shutdown): Promise<void> {
  const { signal } = shutdown;
  await removeLeftBeds(say);
  const binaries = await provisionServers({ log: say, signal });
  for (const line of await machineFacts(binaries)) print(line);
  const maker = new BedMaker();
  shutdown.add('the servers', () => maker.remove());
  const bed = await maker.start(binaries, signal);
  for (const { name, run } of topics) {
    signal.throwIfAborted();
    print(`\n== ${name} ==`);
    await run({ bed, signal, print, say });
  }
}

process.exitCode = await main(process.argv.slice(2));
