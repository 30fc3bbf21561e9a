import type { Market, MarketSymbol } from './market.js';
import type { StreamConnection } from './stream-connection.js';
import type { StreamFrame } from './stream-frame.js';
import type { TickerTopic } from './stream-topic.js';
import type { TickerBoard } from './ticker-board.js';
import type { TradeRhythms } from './trade-rhythm.js';

/** What was last sent of a symbol. */
interface SentTicker {
  round: number;
  tradeMs: number;
  data: string;
  /** The message of this round; undefined when nothing changed. */
  frame: StreamFrame | undefined;
}

/** Cross sequences begin here, as large as the venue's. */
const FIRST_SEQUENCE = 112_571_857_121;

/** Tickers to the subscribers: at once, and then when a trade has changed them. */
export class TickerFeed {
  readonly #market: Market;
  readonly #board: TickerBoard;
  readonly #rhythms: TradeRhythms;
  readonly #sent = new Map<string, SentTicker>();
  #sequence = FIRST_SEQUENCE;
  #round = 0;

  constructor(parts: { market: Market; board: TickerBoard; rhythms: TradeRhythms }) {
    this.#market = parts.market;
    this.#board = parts.board;
    this.#rhythms = parts.rhythms;
  }

  /** The ticker as it is now; undefined when the pair does not trade. */
  now({ pair }: TickerTopic): StreamFrame | undefined {
    if (!this.#market.isTrading(pair)) return undefined;
    const nowMs = this.#market.clock.nowMs();
    const data = this.#data(pair, nowMs);
    // the first subscriber's snapshot is the state that the first round compares with
    if (!this.#sent.has(pair.symbol)) {
      const tradeMs = this.#rhythms.of(pair).lastTradeMs(nowMs);
      this.#sent.set(pair.symbol, { round: this.#round, tradeMs, data, frame: undefined });
    }
    return this.#write(pair, data, nowMs);
  }

  /** Sends what has changed since the last round to its subscribers. */
  *sendChanged(connections: Iterable<StreamConnection>): Generator<void> {
    this.#round++;
    for (const connection of connections) {
      for (const { pair } of connection.tickers()) {
        const frame = this.#changed(pair);
        if (frame !== undefined) connection.deliver(frame);
        yield;
      }
    }
  }

  #changed(pair: MarketSymbol): StreamFrame | undefined {
    const sent = this.#sent.get(pair.symbol);
    // its snapshot is still to come
    if (sent === undefined) return undefined;
    if (sent.round === this.#round) return sent.frame;
    sent.round = this.#round;
    sent.frame = undefined;
    const nowMs = this.#market.clock.nowMs();
    const rhythm = this.#rhythms.of(pair);
    const tradeMs = rhythm.lastTradeMs(nowMs);
    if (tradeMs === sent.tradeMs || !this.#market.isTrading(pair)) return undefined;
    sent.tradeMs = tradeMs;
    const data = this.#data(pair, nowMs);
    // in a candle without volume a thin pair's trade changes nothing
    if (data === sent.data && !rhythm.isBusy) return undefined;
    sent.data = data;
    sent.frame = this.#write(pair, data, nowMs);
    return sent.frame;
  }

  #data(pair: MarketSymbol, nowMs: number): string {
    const figures = this.#board.figures(pair, nowMs);
    const blank = this.#market.quirks.streamBlankIndexPrice;
    return JSON.stringify(blank ? { ...figures, usdIndexPrice: '' } : figures);
  }

  #write({ symbol }: MarketSymbol, data: string, nowMs: number): StreamFrame {
    const topic = `tickers.${symbol}`;
    const head = `{"topic":"${topic}","ts":${nowMs},"type":"snapshot","cs":${this.#sequence++}`;
    return { kind: 'ticker', subject: { topic, symbol }, text: `${head},"data":${data}}` };
  }
}
