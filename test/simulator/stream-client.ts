import { WebSocket } from 'ws';
import type { Simulator } from '../../simulator/simulator.js';

/** A message of the stream as it came. */
export interface Message {
  readonly success?: boolean;
  readonly ret_msg?: string;
  readonly conn_id?: string;
  readonly req_id?: string;
  readonly op?: string;
  readonly topic?: string;
  readonly type?: string;
  readonly ts?: number;
  readonly cs?: number;
  readonly data?: unknown;
}

/** An element of a kline message. */
export interface Element {
  readonly start: number;
  readonly end: number;
  readonly interval: string;
  readonly open: string;
  readonly close: string;
  readonly high: string;
  readonly low: string;
  readonly volume: string;
  readonly turnover: string;
  readonly confirm: boolean;
  readonly timestamp: number;
}

const clients: StreamClient[] = [];
const WAIT_MS = 90_000;

/** A bare client that remembers what came and lets tests wait for it. */
export class StreamClient {
  readonly socket: WebSocket;
  /** Messages that are JSON, in order. */
  readonly messages: Message[] = [];
  /** Messages that are not. */
  readonly oddities: (string | Buffer)[] = [];
  closeCode: number | undefined;
  onMessage: (message: Message) => void = () => undefined;
  #watchers = new Set<() => void>();

  constructor(url: string, perMessageDeflate = false) {
    this.socket = new WebSocket(url, { perMessageDeflate });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.#take(isBinary ? data : data.toString());
      this.#notify();
    });
    this.socket.on('close', (code) => {
      this.closeCode = code;
      this.#notify();
    });
    this.socket.on('open', () => this.#notify());
    clients.push(this);
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Sends a request and waits for its answer. */
  async ask(message: Record<string, unknown>): Promise<Message> {
    const from = this.messages.length;
    this.send(message);
    return this.next((each) => each.op === message['op'] || each.success === false, from);
  }

  subscribe(...args: string[]): Promise<Message> {
    return this.ask({ op: 'subscribe', args });
  }

  /** The first message from place `from` on that fits. */
  next(fits: (message: Message) => boolean, from = 0): Promise<Message> {
    return this.until(() => this.messages.slice(from).find(fits));
  }

  /** Waits until `look` finds something; it looks again whenever something happens. */
  until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(check);
        reject(new Error(`waited ${WAIT_MS} ms for ${look.toString()}`));
      }, WAIT_MS);
      const check = (): void => {
        const found = look();
        if (found === undefined || found === false) return;
        clearTimeout(timer);
        this.#watchers.delete(check);
        resolve(found);
      };
      this.#watchers.add(check);
      check();
    });
  }

  /** Waits for the end of the connection; answers its close code. */
  closed(): Promise<number> {
    return this.until(() => this.closeCode);
  }

  of(topic: string): Message[] {
    return this.messages.filter((message) => message.topic === topic);
  }

  elements(topic: string): Element[] {
    return this.of(topic).flatMap((message) => message.data as Element[]);
  }

  confirmed(topic: string): Element[] {
    return this.elements(topic).filter(({ confirm }) => confirm);
  }

  #take(data: string | Buffer): void {
    if (typeof data !== 'string' || !/^\{.*\}$/s.test(data)) {
      this.oddities.push(data);
      return;
    }
    const message = JSON.parse(data) as Message;
    this.messages.push(message);
    this.onMessage(message);
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** Connects and waits until the connection is open or has failed. */
export async function connect(simulator: Simulator, deflate = false): Promise<StreamClient> {
  const client = new StreamClient(simulator.wsUrl, deflate);
  await client.until(
    () => client.socket.readyState === WebSocket.OPEN || client.closeCode !== undefined,
  );
  return client;
}

export function disconnectAll(): void {
  for (const client of clients.splice(0)) client.socket.terminate();
}

/** The candle of a kline element as the REST API writes it. */
export function rowOf(element: Element): string[] {
  const { start, open, high, low, close, volume, turnover } = element;
  return [String(start), open, high, low, close, volume, turnover];
}
