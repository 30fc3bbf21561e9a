import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../runtime/config.js';
import { connectTemporal, type TemporalClient } from '../../runtime/temporal.js';

const UNAVAILABLE = 14;
const GRPC = { ':status': 200, 'content-type': 'application/grpc' };
const EMPTY_MESSAGE = Buffer.alloc(5);

/** Answers what a connection begins with, and is never there for a query. */
class UnwillingTemporal {
  readonly #server: Http2Server = createServer();
  #queried: (() => void) | undefined;
  readonly queried = new Promise<void>((resolve) => (this.#queried = resolve));

  async listen(): Promise<string> {
    this.#server.on('stream', (stream, headers) => {
      if (headers[':path']?.endsWith('/QueryWorkflow') !== true) {
        answerEmpty(stream);
        return;
      }
      stream.respond({ ...GRPC, 'grpc-status': UNAVAILABLE }, { endStream: true });
      this.#queried?.();
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }
}

function answerEmpty(stream: ServerHttp2Stream): void {
  stream.respond(GRPC, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': 0 }));
  stream.end(EMPTY_MESSAGE);
}

let server: UnwillingTemporal;
let temporal: TemporalClient;

beforeEach(async () => {
  server = new UnwillingTemporal();
  const address = await server.listen();
  const config = loadConfig({ env: { TEMPORAL_ADDRESS: address } });
  temporal = await connectTemporal(config.temporal);
});
afterEach(async () => {
  await temporal.close();
  server.close();
});

it('a call that was to be tried again ends when the connection is closed meanwhile', async () => {
  const asked = temporal.client.workflow.getHandle('any').query('status');
  const failure = expect(asked).rejects.toThrow('Failed to query Workflow');
  await server.queried;
  await temporal.close();
  await failure;
});

it('a call on a connection that is closed fails', async () => {
  await temporal.close();
  const asked = temporal.client.workflow.getHandle('any').query('status');
  await expect(asked).rejects.toThrow('Failed to query Workflow');
});
