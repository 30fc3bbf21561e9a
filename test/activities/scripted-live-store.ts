import { emptyCandles } from '../../domain/candles.js';
import type { LiveCandle } from '../../domain/live-candle.js';
import type { Series } from '../../domain/series.js';
import type { LiveCandleStore, RereadPage, StoredLive, StoredReread } from '../../domain/stores.js';

type HandedOver = readonly (Series & { readonly untilMs: number })[];

/** A store that answers as the test wants, and keeps what it was given. */
export class ScriptedLiveStore implements LiveCandleStore {
  /** What was asked of it, in order. */
  readonly calls: ('store' | 'hand over' | 'reread')[] = [];
  readonly stored: (readonly LiveCandle[])[] = [];
  readonly handedOver: HandedOver[] = [];
  readonly pages: RereadPage[] = [];
  /** Runs before each call: throws, or waits. */
  before: () => void | Promise<void> = () => undefined;
  /** New gaps of each hand-over. */
  gaps = 0;
  /** What the store makes of a page that is read again. */
  judge: (page: RereadPage) => Partial<StoredReread> = () => ({});

  async storeClosed(candles: readonly LiveCandle[]): Promise<StoredLive> {
    this.calls.push('store');
    await this.before();
    this.stored.push(candles);
    return { added: candles, revised: 0, gaps: 0 };
  }

  async handOver(series: HandedOver): Promise<number> {
    this.calls.push('hand over');
    await this.before();
    this.handedOver.push(series);
    return this.gaps;
  }

  async storeReread(page: RereadPage): Promise<StoredReread> {
    this.calls.push('reread');
    await this.before();
    this.pages.push(page);
    return { addedMs: [], revised: 0, doubted: emptyCandles(0), ...this.judge(page) };
  }
}
