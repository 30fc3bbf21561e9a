import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Series } from '../../domain/series.js';
import { TIMEFRAMES } from '../../domain/timeframe.js';
import { CANARY_SYMBOL, klineName, tickerName } from '../../exchange/stream/topics.js';
import { joinFrames, klineText, tickerText, wireFrame, type WireFrame } from './frames.js';

/** A topic of one connection, with the frames that go to it in turn. */
export interface Subscribed {
  readonly transport: Duplex;
  readonly frames: readonly WireFrame[];
}

export interface SubscribedSeries extends Subscribed {
  readonly closing: WireFrame;
}

/** Different frames of a ticker, so that prices move. */
const VARIANTS = 4;

/** Who has subscribed to what. */
export class Subscribers {
  readonly #tickers: Subscribed[] = [];
  readonly #canaries: Subscribed[] = [];
  readonly #series: SubscribedSeries[] = [];

  /** Tickers of symbols that are followed, in the order of the subscriptions. */
  get tickers(): readonly Subscribed[] {
    return this.#tickers;
  }

  /** The busy topic that every connection carries besides. */
  get canaries(): readonly Subscribed[] {
    return this.#canaries;
  }

  get series(): readonly SubscribedSeries[] {
    return this.#series;
  }

  /** Takes a request: acknowledges it and sends each topic's first frame, as the venue does. */
  answer(socket: WebSocket, transport: Duplex, text: string): void {
    const request = JSON.parse(text) as { op: string; req_id: string; args?: readonly string[] };
    const { op, req_id, args = [] } = request;
    const ret_msg = op === 'ping' ? 'pong' : op;
    socket.send(JSON.stringify({ success: true, ret_msg, conn_id: 'bench', req_id, op }));
    const nowMs = Date.now();
    const first = args.flatMap((topic) => this.#add(topic, transport, nowMs).frames.slice(0, 1));
    if (first.length > 0) transport.write(joinFrames(first, nowMs));
  }

  /** A frame of the busy topic to every connection. */
  sendCanaries(): void {
    const nowMs = Date.now();
    for (const { transport, frames } of this.#canaries) {
      transport.write(joinFrames(frames.slice(0, 1), nowMs));
    }
  }

  forget(transport: Duplex): void {
    for (const list of [this.#tickers, this.#canaries, this.#series]) remove(list, transport);
  }

  #add(topic: string, transport: Duplex, nowMs: number): Subscribed {
    const symbol = topic.slice(topic.lastIndexOf('.') + 1);
    if (topic === tickerName(symbol)) {
      const frames = Array.from({ length: VARIANTS }, (_, i) => wireFrame(tickerText(symbol, i)));
      const subscribed = { transport, frames };
      (symbol === CANARY_SYMBOL ? this.#canaries : this.#tickers).push(subscribed);
      return subscribed;
    }
    const series = seriesOf(topic, symbol);
    const subscribed = {
      transport,
      frames: [wireFrame(klineText(series, nowMs, false))],
      closing: wireFrame(klineText(series, nowMs, true)),
    };
    this.#series.push(subscribed);
    return subscribed;
  }
}

function seriesOf(topic: string, symbol: string): Series {
  const timeframe = TIMEFRAMES.find((each) => klineName({ symbol, timeframe: each }) === topic);
  if (timeframe === undefined) throw new Error(`nobody subscribes to ${topic} here`);
  return { symbol, timeframe };
}

function remove(list: Subscribed[], transport: Duplex): void {
  for (let i = list.length - 1; i >= 0; i--) {
    if (list[i]?.transport === transport) list.splice(i, 1);
  }
}
