import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A local HTTP server that notes when each request arrives and answers late. */
export class ScriptedVenue {
  readonly arrivalsMs: number[] = [];
  readonly #server = createServer((_, response) => {
    this.arrivalsMs.push(performance.now());
    void sleep(this.latencyMs()).then(() => response.end('{}'));
  });
  readonly latencyMs: () => number;

  /** @param latencyMs time until an answer, drawn anew for each request */
  constructor(latencyMs: () => number) {
    this.latencyMs = latencyMs;
  }

  /** @returns base URL */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The most requests that arrived in any span of this length. */
  mostWithin(spanMs: number): number {
    let most = 0;
    let first = 0;
    this.arrivalsMs.forEach((atMs, index) => {
      while ((this.arrivalsMs[first] ?? 0) <= atMs - spanMs) first++;
      most = Math.max(most, index - first + 1);
    });
    return most;
  }
}
