import { reasonOf } from '../../domain/failure.js';
import { loadConfig, type Config } from '../../runtime/config.js';
import { EXIT } from '../exit-codes.js';
import { print, printJson, type CommandIo } from '../io.js';
import { paletteFor } from '../render/palette.js';
import { checkDisk } from './check-disk.js';
import { checkNode } from './check-node.js';
import { checkPostgres } from './check-postgres.js';
import { checkRedis } from './check-redis.js';
import { checkTemporal } from './check-temporal.js';
import { checkVenue } from './check-venue.js';
import { checkLines, fail, failingAs, ok, warn, type Check } from './check.js';

export interface DoctorOptions {
  /** Asks the venue too. */
  readonly venue: boolean;
  readonly json: boolean;
}

/** Looks at everything that a run needs. @returns the exit code */
export async function runDoctor({ venue, json }: DoctorOptions, io: CommandIo): Promise<number> {
  const checks = [checkNode(process.versions.node), ...(await checkConfigured(venue, io))];
  if (json) printJson(io, { checks });
  else print(io, checkLines(checks, await paletteFor(io.stdout, io.env)));
  return checks.some(({ state }) => state === 'fail') ? EXIT.failed : EXIT.done;
}

async function checkConfigured(venue: boolean, { env }: CommandIo): Promise<readonly Check[]> {
  let config: Config;
  try {
    config = loadConfig({ env });
  } catch (error) {
    return [fail('configuration', reasonOf(error))];
  }
  const found = await Promise.all([
    failingAs('PostgreSQL', () => checkPostgres(config)),
    failingAs('Redis', () => checkRedis(config)),
    failingAs('Temporal', () => checkTemporal(config)),
    failingAs('disk', async () => [await checkDisk(config.home)]),
    ...(venue ? [checkVenue(config)] : []),
  ]);
  return [...checkConfiguration(config), ...found.flat()];
}

function checkConfiguration({ venue, stackMode, stackOverridden }: Config): readonly Check[] {
  const kind = stackOverridden ? 'an overridden' : `a ${stackMode}`;
  const stack = stackMode === undefined ? '' : `, ${kind} m1 up runs here`;
  const { streamRefusal } = venue;
  return [
    ok('configuration', `source ${venue.source}, ${venue.restUrl}${stack}`),
    ...(streamRefusal === undefined ? [] : [warn('ByBit stream', streamRefusal)]),
  ];
}
