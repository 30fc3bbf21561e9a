import type { StreamConnection } from './stream-connection.js';
import type { StreamServer } from './stream-server.js';

/** A connection by its conn_id, or by its place among the open ones (0 = the oldest). */
export type ConnectionChoice = string | number;

/** Ends or silences connections of the stream, on demand. */
export class StreamControl {
  readonly #server: StreamServer;

  constructor(server: StreamServer) {
    this.#server = server;
  }

  /** conn_ids of the open connections, the oldest first. */
  connections(): string[] {
    return this.#server.connections().map(({ id }) => id);
  }

  /**
   * Drops one connection, or all; with a close frame when `code` is given. Answers how many.
   * Thrown when there is no such connection.
   */
  drop(choice: { connection?: ConnectionChoice; code?: number } = {}): number {
    const chosen = this.#choose(choice.connection);
    for (const connection of chosen) connection.cut(choice.code);
    return chosen.length;
  }

  /**
   * Makes one connection, or all, half-open: no data, no answer, no close. Answers how many.
   * Thrown when there is no such connection.
   */
  silence(choice: { connection?: ConnectionChoice } = {}): number {
    const chosen = this.#choose(choice.connection);
    for (const connection of chosen) connection.fallSilent();
    return chosen.length;
  }

  #choose(choice: ConnectionChoice | undefined): StreamConnection[] {
    const all = this.#server.connections();
    if (choice === undefined) return all;
    const found = typeof choice === 'number' ? all[choice] : all.find(({ id }) => id === choice);
    if (found === undefined) throw new Error(`there is no open connection ${choice}`);
    return [found];
  }
}
