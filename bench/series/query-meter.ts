import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { LOOPBACK } from '../../stack/ports.js';
import type { PostgresAddress } from '../../stack/start-postgres.js';

/** Statements that came over the wire. */
export interface SentQueries {
  /** All but begin, commit and rollback. */
  readonly statements: number;
  readonly transactions: number;
}

/** A door to PostgreSQL that counts what passes. */
export interface QueryMeter {
  /** Where to connect instead. */
  readonly address: PostgresAddress;
  /** Since the last call. */
  take(): SentQueries;
  close(): Promise<void>;
}

/** Types of the client's messages: a query in plain text, and the execution of a prepared one. */
const QUERY = 'Q'.charCodeAt(0);
const EXECUTE = 'E'.charCodeAt(0);

const TYPE_BYTES = 1;
const LENGTH_BYTES = 4;

/** Opens the door in front of this server. */
export async function openQueryMeter(server: PostgresAddress): Promise<QueryMeter> {
  let statements = 0;
  let transactions = 0;
  const sockets = new Set<Socket>();
  const count = (type: number, body: Buffer): void => {
    if (type === QUERY && /^begin\b/i.test(textOf(body))) transactions++;
    else if (type === QUERY && /^(commit|rollback)\b/i.test(textOf(body))) return;
    else if (type === QUERY || type === EXECUTE) statements++;
  };
  const door = createServer((client) => {
    const behind = connect(server.port, server.host);
    const messages = new ClientMessages(count);
    client.on('data', (chunk: Buffer) => messages.read(chunk));
    client.pipe(behind).pipe(client);
    for (const [socket, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // the other side is told by its own socket
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  door.listen(0, LOOPBACK);
  await once(door, 'listening');
  return {
    address: { ...server, host: LOOPBACK, port: (door.address() as AddressInfo).port },
    take() {
      const taken = { statements, transactions };
      [statements, transactions] = [0, 0];
      return taken;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      door.close();
      await once(door, 'close');
    },
  };
}

/** Cuts what a client sends into messages. The first one has a length and no type. */
class ClientMessages {
  readonly #onMessage: (type: number, body: Buffer) => void;
  #rest = Buffer.alloc(0);
  #started = false;

  constructor(onMessage: (type: number, body: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const typeBytes = this.#started ? TYPE_BYTES : 0;
      if (this.#rest.length < typeBytes + LENGTH_BYTES) return;
      const end = typeBytes + this.#rest.readInt32BE(typeBytes);
      if (this.#rest.length < end) return;
      const body = this.#rest.subarray(typeBytes + LENGTH_BYTES, end);
      if (this.#started) this.#onMessage(this.#rest.readUInt8(0), body);
      this.#started = true;
      this.#rest = this.#rest.subarray(end);
    }
  }
}

/** The text of a plain query, without the zero behind it. */
function textOf(body: Buffer): string {
  return body.toString('utf8', 0, body.length - 1);
}
