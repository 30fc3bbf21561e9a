import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { tickerFrame } from './frames.js';

export interface StreamRequest {
  readonly id: string;
  readonly op: string;
  readonly args: readonly string[];
}

/** What the venue does. Each part may be replaced at any time. */
export interface StreamScript {
  /** HTTP status instead of the upgrade; `never` lets the client wait. Default: upgrades. */
  refuse: number | 'never' | undefined;
  subscribe: (client: ScriptedClient, request: StreamRequest) => void;
  ping: (client: ScriptedClient, request: StreamRequest) => void;
  opened: (client: ScriptedClient) => void;
}

/** One connection as the venue sees it. */
export class ScriptedClient {
  readonly requests: StreamRequest[] = [];
  /** Topics whose subscription was accepted. */
  readonly topics = new Set<string>();
  readonly socket: WebSocket;
  readonly #transport: Duplex;
  pings = 0;
  /** Close code of the client's end, undefined while it is open. */
  closeCode: number | undefined;

  constructor(socket: WebSocket, transport: Duplex) {
    this.socket = socket;
    this.#transport = transport;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Sends frames in one piece, so that the client reads them in one turn. */
  sendTogether(frames: readonly unknown[]): void {
    this.#transport.cork();
    for (const frame of frames) this.send(frame);
    this.#transport.uncork();
  }

  /** Accepts a request, and sends the ticker snapshots that follow at once. */
  accept(request: StreamRequest, answer: object = {}): void {
    for (const topic of request.args) this.topics.add(topic);
    this.send({
      success: true,
      ret_msg: 'subscribe',
      conn_id: 'd9avsh3fo0jvsls9d82g-5m9jh',
      req_id: request.id,
      op: 'subscribe',
      ...answer,
    });
    for (const topic of request.args) {
      if (topic.startsWith('tickers.')) this.send(tickerFrame(topic.slice(8)));
    }
  }

  refuse(request: StreamRequest, text: string, answer: object = {}): void {
    const frame = { success: false, ret_msg: text, conn_id: '0a555e6f', op: 'subscribe' };
    this.send({ ...frame, req_id: request.id, ...answer });
  }
}

export class ScriptedStream {
  readonly script: StreamScript = {
    refuse: undefined,
    subscribe: (client, request) => client.accept(request),
    ping: (client) =>
      client.send({ success: true, ret_msg: 'pong', conn_id: 'd9av', op: 'ping', req_id: '' }),
    opened: () => undefined,
  };
  readonly clients: ScriptedClient[] = [];
  /** When each attempt to connect came, ms by `performance.now`. */
  readonly attemptsMs: number[] = [];
  readonly #http = createServer();
  readonly #open = new Set<Duplex>();
  readonly #sockets = new WebSocketServer({ noServer: true });

  static async start(script: Partial<StreamScript> = {}): Promise<ScriptedStream> {
    const stream = new ScriptedStream();
    Object.assign(stream.script, script);
    stream.#http.on('upgrade', (request, socket, head) => stream.#upgrade(request, socket, head));
    await new Promise<void>((resolve) => stream.#http.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => stream.close());
    return stream;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}/v5/public/spot`;
  }

  /** The newest connection. */
  get client(): ScriptedClient {
    const client = this.clients.at(-1);
    if (client === undefined) throw new Error('nobody has connected');
    return client;
  }

  get openClients(): readonly ScriptedClient[] {
    return this.clients.filter(({ closeCode }) => closeCode === undefined);
  }

  /** Cuts every connection without a closing handshake. */
  drop(): void {
    for (const { socket } of this.clients) socket.terminate();
  }

  /** Sends a ticker of `symbol` to every connection again and again, until the test ends. */
  flow(symbol: string, everyMs: number): void {
    const timer = setInterval(() => {
      for (const client of this.openClients) {
        if (client.topics.has(`tickers.${symbol}`)) client.send(tickerFrame(symbol));
      }
    }, everyMs);
    onTestFinished(() => clearInterval(timer));
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => {
      this.#http.close(resolve);
      this.#http.closeAllConnections();
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.attemptsMs.push(performance.now());
    const { refuse } = this.script;
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#open.delete(socket));
    if (refuse === 'never') return;
    if (refuse !== undefined) {
      socket.end(`HTTP/1.1 ${refuse} No\r\ncontent-length: 2\r\n\r\nno`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#serve(webSocket, socket),
    );
  }

  #serve(socket: WebSocket, transport: Duplex): void {
    const client = new ScriptedClient(socket, transport);
    this.clients.push(client);
    socket.on('error', () => undefined);
    socket.on('close', (code) => (client.closeCode = code));
    socket.on('message', (data: Buffer) => {
      const {
        req_id: id,
        op,
        args,
      } = JSON.parse(data.toString()) as {
        req_id: string;
        op: string;
        args?: readonly string[];
      };
      const request = { id, op, args: args ?? [] };
      if (op === 'ping') {
        client.pings++;
        this.script.ping(client, request);
      } else {
        client.requests.push(request);
        this.script.subscribe(client, request);
      }
    });
    this.script.opened(client);
  }
}
