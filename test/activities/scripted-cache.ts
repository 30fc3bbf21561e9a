import type { Ticker, TickerCache, TickerWrite } from '../../domain/ticker.js';

/** What a call to the cache answers, or throws. */
type Answer = (tickers: readonly Ticker[]) => TickerWrite | Promise<TickerWrite>;

/** A ticker cache that answers as the test wants, and keeps what it was given. */
export class ScriptedCache implements TickerCache {
  /** Tickers of each write, and of each renewal. */
  readonly writes: (readonly Ticker[])[] = [];
  readonly renewals: (readonly Ticker[])[] = [];
  /** What a reader finds: the last price of each symbol. */
  readonly prices = new Map<string, string>();
  /** What was stored, in order, as SYMBOL=PRICE. */
  readonly stored: string[] = [];
  released = 0;
  answer: Answer = () => 'stored';

  write(tickers: readonly Ticker[]): Promise<TickerWrite> {
    this.writes.push(tickers);
    return this.#store(tickers);
  }

  renew(tickers: readonly Ticker[]): Promise<TickerWrite> {
    this.renewals.push(tickers);
    return this.#store(tickers);
  }

  publishClosedCandles(): Promise<TickerWrite> {
    return Promise.reject(new Error('no test of a script publishes candles'));
  }

  release(): Promise<void> {
    this.released++;
    return Promise.resolve();
  }

  /** Calls wait from now on. @returns lets those that wait go on, and later ones through */
  hold(): () => void {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const { answer } = this;
    this.answer = async (tickers) => {
      await opened;
      return answer(tickers);
    };
    return () => {
      this.answer = answer;
      open();
    };
  }

  async #store(tickers: readonly Ticker[]): Promise<TickerWrite> {
    const outcome = await this.answer(tickers);
    if (outcome === 'superseded') return outcome;
    for (const { symbol, lastPrice } of tickers) {
      this.prices.set(symbol, lastPrice);
      this.stored.push(`${symbol}=${lastPrice}`);
    }
    return outcome;
  }
}

export function ticker(symbol: string, lastPrice: string | number): Ticker {
  const nowMs = Date.now();
  return {
    ...{ symbol, lastPrice: String(lastPrice), price24hPcnt: '0.01' },
    ...{ highPrice24h: '3', lowPrice24h: '1', volume24h: '10', turnover24h: '20' },
    ...{ venueTimeMs: nowMs, receivedAtMs: nowMs },
  };
}
