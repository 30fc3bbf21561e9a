import type { Config } from '../../runtime/config.js';
import { print, printJson, type CommandIo } from '../io.js';
import { withTemporal } from '../runs/temporal-session.js';
import { readSync } from './read-sync.js';
import { NO_SYNC } from './steer-sync.js';
import { syncDocument, syncLines } from './sync-lines.js';

/** Prints what is kept up to date and how that goes. */
export async function showSync(
  config: Pick<Config, 'temporal'>,
  json: boolean,
  io: CommandIo,
): Promise<void> {
  const status = await withTemporal(config, readSync);
  const nowMs = Date.now();
  if (json) printJson(io, syncDocument(status, nowMs));
  else print(io, status === undefined ? [NO_SYNC] : syncLines(status, nowMs));
}
