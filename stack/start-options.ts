import type { PortChoice } from './ports.js';
import type { ServerProcess } from './server-process.js';

/** What every start function of a server takes. */
export interface StartOptions {
  /** The folder that belongs to this server alone. */
  readonly dataDir: string;
  /** Default: the server's usual port when free, otherwise another one. */
  readonly port?: PortChoice;
  /** Default: a file in the data folder. */
  readonly logFile?: string;
  /** Ends the start: the server is stopped and the start fails with the reason. */
  readonly signal?: AbortSignal;
  /** Told as soon as the process exists, before it is ready. */
  readonly onSpawn?: (server: ServerProcess) => void;
}
