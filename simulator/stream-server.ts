import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { newConnectionId } from './connection-id.js';
import { KlineFeed } from './kline-feed.js';
import type { Market } from './market.js';
import type { OpenCandles } from './open-candles.js';
import { Pacer } from './pacer.js';
import { SliceRunner } from './slice-runner.js';
import { StreamConnection } from './stream-connection.js';
import type { StreamFaults } from './stream-faults.js';
import { StreamRequests } from './stream-requests.js';
import type { StreamStats } from './stream-stats.js';
import type { TickerBoard } from './ticker-board.js';
import { TickerFeed } from './ticker-feed.js';
import { TradeRhythms } from './trade-rhythm.js';

export const STREAM_PATH = '/v5/public/spot';

/** What the stream is made of. */
export interface StreamParts {
  readonly market: Market;
  readonly candles: OpenCandles;
  readonly board: TickerBoard;
  readonly faults: StreamFaults;
  readonly stats: StreamStats;
  readonly tickerIntervalMs: number;
  readonly klineIntervalMs: number;
  readonly busyPairs: number;
  readonly bufferBytes: number;
}

/** How often closes, idle and stalled clients are looked for, ms. */
const BEAT_MS = 20;
const MAX_REQUEST_BYTES = 1_000_000;

/** The venue's public spot stream, on the connections that the HTTP server hands over. */
export class StreamServer {
  readonly #parts: StreamParts;
  readonly #connections = new Map<string, StreamConnection>();
  readonly #plain = webSocketServer(false);
  readonly #deflating = webSocketServer(true);
  readonly #slices = new SliceRunner();
  readonly #tickers: TickerFeed;
  readonly #klines: KlineFeed;
  readonly #requests: StreamRequests;
  readonly #pacers: readonly Pacer[];

  constructor(parts: StreamParts) {
    this.#parts = parts;
    const rhythms = new TradeRhythms(parts.market.seed, parts.busyPairs);
    this.#tickers = new TickerFeed({ ...parts, rhythms });
    this.#klines = new KlineFeed({ ...parts, rhythms });
    this.#requests = new StreamRequests({
      ...parts,
      tickers: this.#tickers,
      klines: this.#klines,
      slices: this.#slices,
    });
    this.#pacers = [
      new Pacer(BEAT_MS, () => this.#beat()),
      new Pacer(parts.tickerIntervalMs, () => this.#sendTickers()),
      new Pacer(parts.klineIntervalMs, () => this.#sendKlines()),
    ];
  }

  /** Open connections, the oldest first. */
  connections(): StreamConnection[] {
    return [...this.#connections.values()];
  }

  /** Takes over a connection that asks for a WebSocket. */
  upgrade(request: IncomingMessage, transport: Duplex, head: Buffer): void {
    const { faults, stats, market } = this.#parts;
    // a client that goes away during the handshake is its own affair
    transport.on('error', () => transport.destroy());
    if (request.url?.split('?')[0] !== STREAM_PATH) {
      refuse(transport, '404 Not Found');
      return;
    }
    const refusal = faults.refusal();
    stats.recordAttempt(refusal === undefined);
    if (refusal === 'status503') {
      refuse(transport, '503 Service Unavailable');
    } else if (refusal === 'destroy') {
      transport.destroy();
    } else {
      const server = market.quirks.streamDeflate ? this.#deflating : this.#plain;
      server.handleUpgrade(request, transport, head, (socket) => this.#open(socket, transport));
    }
  }

  /** After the market's clock was set: what that makes due is sent at once. */
  clockChanged(): void {
    for (const connection of this.#live()) this.#klines.rewind(connection);
    this.#beat();
  }

  /** Cuts every connection and ends all work. */
  close(): void {
    this.#stopWork();
    for (const connection of this.#connections.values()) connection.cut();
  }

  #open(socket: WebSocket, transport: Duplex): void {
    const { market, faults, stats, bufferBytes } = this.#parts;
    const id = newConnectionId(market.quirks.streamConnId);
    const realClock = (): number => performance.now();
    const connection = new StreamConnection({
      id,
      socket,
      transport,
      faults,
      stats,
      realClock,
      bufferBytes,
    });
    this.#connections.set(id, connection);
    stats.recordOpened(id);
    socket.on('message', (data) => this.#requests.handle(connection, textOf(data)));
    socket.on('ping', (data: Buffer) => {
      stats.recordPing('protocol');
      connection.noteActivity();
      socket.pong(data);
    });
    // ws closes by itself after a client's error: a close with its code follows
    socket.on('error', () => undefined);
    socket.on('close', (code) => this.#closed(id, code));
    if (faults.silencesNew()) connection.fallSilent();
    for (const pacer of this.#pacers) pacer.start();
  }

  #closed(id: string, code: number): void {
    this.#connections.delete(id);
    this.#parts.stats.recordClosed(id, code);
    if (this.#connections.size === 0) this.#stopWork();
  }

  #stopWork(): void {
    for (const pacer of this.#pacers) pacer.stop();
    this.#slices.stop();
  }

  #live(): StreamConnection[] {
    return this.connections().filter(({ isLive }) => isLive);
  }

  /** Looks for candles that close, and for idle and stalled clients. */
  #beat(): void {
    for (const connection of this.#live()) {
      if (this.#klines.isDue(connection)) {
        this.#slices.run(`close ${connection.id}`, () => this.#klines.close(connection));
      }
      connection.checkHealth(this.#parts.market.quirks.streamIdleMs);
    }
  }

  #sendTickers(): void {
    this.#slices.run('tickers', () => this.#tickers.sendChanged(this.#live()));
  }

  #sendKlines(): void {
    this.#slices.run('klines', () => this.#klines.sendOpen(this.#live()));
  }
}

function refuse(transport: Duplex, status: string): void {
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  transport.end(head, () => transport.destroy());
}

function webSocketServer(deflate: boolean): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    autoPong: false,
    clientTracking: false,
    maxPayload: MAX_REQUEST_BYTES,
    perMessageDeflate: deflate && {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      threshold: 0,
    },
  });
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.from(data as Buffer).toString();
}
