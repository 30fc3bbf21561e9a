import { reasonOf } from '../../domain/failure.js';
import { answerWithin } from './answer-within.js';

/** A server that does not say anything for so long is not there, ms. */
const PATIENCE_MS = 2_000;

/** Asks one server, with a request that only a working one can answer. */
export interface HealthCheck {
  readonly name: string;
  /** Rejects when the server cannot be used. */
  ask(): Promise<unknown>;
}

/** What `/healthz` answers: 200 when `ok`, else 503. */
export interface HealthReport {
  readonly ok: boolean;
  readonly servers: readonly {
    readonly name: string;
    readonly ok: boolean;
    /** The cause, one line; absent when all is well. */
    readonly error?: string;
  }[];
}

/** Whether a worker can work: it asks the servers that it stands on. */
export class Health {
  #checks: readonly HealthCheck[] = [];

  /** From now on these are asked. None: the worker is starting, or has lost Temporal. */
  watch(checks: readonly HealthCheck[]): void {
    this.#checks = checks;
  }

  /** Asks all servers at once. */
  async report(): Promise<HealthReport> {
    const servers = await Promise.all(this.#checks.map(askOne));
    return { ok: servers.length > 0 && servers.every(({ ok }) => ok), servers };
  }
}

async function askOne(check: HealthCheck): Promise<HealthReport['servers'][number]> {
  const { name } = check;
  try {
    await answerWithin(PATIENCE_MS, () => check.ask());
    return { name, ok: true };
  } catch (error) {
    return { name, ok: false, error: reasonOf(error) };
  }
}
