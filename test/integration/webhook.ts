import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What arrived at the webhook. */
export interface PostedAlert {
  readonly source: string;
  readonly status: string;
  readonly at: string;
  readonly text: string;
  readonly count: number;
  readonly problems: readonly { readonly key: string; readonly message: string }[];
}

/** A local webhook that keeps what it is sent, and refuses while `status` is no success. */
export class LocalWebhook {
  readonly received: PostedAlert[] = [];
  status = 200;
  refused = 0;
  readonly #server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      if (this.status === 200) this.received.push(JSON.parse(body) as PostedAlert);
      else this.refused++;
      response.writeHead(this.status).end();
    });
  });

  /** @returns its URL */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook?token=secret`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
