import type { CandleSource } from './candle-day.js';
import { CandleSeries, finalView, type CandleView, type Listing } from './candle-series.js';
import type { Scales } from './decimal-writer.js';
import { hashText } from './hash.js';
import { LEAF_MS } from './interval.js';
import type { MarketClock } from './market-clock.js';
import type { Quirks } from './quirks.js';
import type { RecordedSeries } from './recorded-candles.js';
import { characterOf, planPair, type PairPlan } from './symbol-catalog.js';
import { splitSymbol } from './symbol-names.js';
import { SyntheticCandles } from './synthetic-candles.js';

/** A pair as the venue knows it. */
export interface MarketSymbol extends Scales {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly symbolId: number;
  /** Place by turnover, 0 = most traded; pairs from 50 on are thin. */
  readonly rank: number;
  readonly listing: Listing;
  /** Rises with every change of the listing. */
  readonly revision: number;
  readonly series: CandleSeries;
}

/** A change of when a symbol's candles exist; what is absent stays. */
export type ListingChange = Partial<Listing>;

type StoredSymbol = { -readonly [K in keyof MarketSymbol]: MarketSymbol[K] };

const ALWAYS = { delistedMs: Infinity, holes: [], amendments: [] };

/** The state of the simulated market: its clock, its pairs and their candles. Knows nothing of HTTP. */
export class Market {
  readonly clock: MarketClock;
  readonly quirks: Quirks;
  readonly #seed: number;
  readonly #symbols = new Map<string, StoredSymbol>();
  readonly #original = new Map<string, Listing>();
  readonly #linear = new Map<string, CandleSeries>();
  #revision = 0;

  constructor(clock: MarketClock, seed: string | number, quirks: Quirks) {
    this.clock = clock;
    this.quirks = quirks;
    this.#seed = hashText(String(seed));
  }

  /** Seed of the synthetic candles, from the option's text. */
  get seed(): number {
    return this.#seed;
  }

  addPlanned(plan: PairPlan): void {
    const source = new SyntheticCandles(characterOf(plan, this.#seed));
    this.#add(plan, plan.rank, source, { ...ALWAYS, listedMs: plan.listedMs });
  }

  addRecorded(recorded: RecordedSeries, rank: number): void {
    const { base, quote } = splitSymbol(recorded.symbol) ?? { base: recorded.symbol, quote: '' };
    const listing = { ...ALWAYS, listedMs: recorded.firstMs };
    this.#add({ ...recorded, base, quote }, rank, recorded.source, listing);
  }

  /** Adds a synthetic pair by name. Thrown when its quote is not one that the venue has. */
  addNamed(symbol: string, listedMs: number): void {
    const parts = splitSymbol(symbol);
    if (parts === undefined) throw new Error(`${symbol}: no quote coin of the venue at its end`);
    this.addPlanned(planPair(parts.base, parts.quote, this.#symbols.size, listedMs));
  }

  #add(
    pair: Scales & { symbol: string; base: string; quote: string },
    rank: number,
    source: CandleSource,
    listing: Listing,
  ): void {
    const { symbol, base, quote, priceDecimals, lotDecimals } = pair;
    const stored: StoredSymbol = {
      symbol,
      base,
      quote,
      priceDecimals,
      lotDecimals,
      symbolId: this.#symbols.size + 1,
      rank,
      listing,
      revision: ++this.#revision,
      series: new CandleSeries(source, () => stored.listing),
    };
    this.#symbols.set(symbol, stored);
    this.#original.set(symbol, listing);
  }

  /** Changes when a symbol's candles exist. Thrown when there is no such symbol. */
  changeListing(symbol: string, change: ListingChange): void {
    const stored = this.#symbols.get(symbol);
    if (stored === undefined) throw new Error(`${symbol} is not a symbol of this market`);
    stored.listing = { ...stored.listing, ...change };
    stored.revision = ++this.#revision;
  }

  /** Undoes every change of listings. */
  resetListings(): void {
    for (const [symbol, listing] of this.#original) this.changeListing(symbol, listing);
  }

  find(symbol: string): MarketSymbol | undefined {
    return this.#symbols.get(symbol);
  }

  /** Whether the symbol trades at the market's now. */
  isTrading({ listing }: MarketSymbol): boolean {
    const nowMs = this.clock.nowMs();
    return listing.listedMs <= nowMs && nowMs < listing.delistedMs;
  }

  /** The symbols that trade now, in the venue's own (unsorted) order. */
  tradingSymbols(): MarketSymbol[] {
    return [...this.#symbols.values()]
      .filter((symbol) => this.isTrading(symbol))
      .sort((a, b) => hashText(a.symbol) - hashText(b.symbol));
  }

  /** How the venue shows its candles at this moment, with late and lagging answers. */
  view(): CandleView {
    const nowMs = this.clock.nowMs();
    const { replicaLag, replicaLagMs } = this.quirks;
    const boundaryMs = Math.floor(nowMs / LEAF_MS) * LEAF_MS;
    const lags = replicaLag !== 'off' && nowMs - boundaryMs < replicaLagMs;
    return {
      nowMs: lags && replicaLag === 'unclosed-old' ? boundaryMs - 1 : nowMs,
      hideFromMs: lags ? boundaryMs : Infinity,
      amendAfterMs: this.quirks.amendAfterMs,
      amendCutMs: this.quirks.amendCutMs,
      emptyCandles: this.quirks.emptyCandles,
      amendments: true,
    };
  }

  /** The candles as they really are at `nowMs`: no lag, no late amendment. */
  finalView(nowMs: number): CandleView {
    return finalView(nowMs, this.quirks.emptyCandles);
  }

  /**
   * The linear contract of a synthetic USDT pair: another market with other prices, so that a
   * request that forgets `category=spot` gets wrong candles, as it would from the venue.
   */
  linearSeries(symbol: MarketSymbol): CandleSeries {
    const known = this.#linear.get(symbol.symbol);
    if (known !== undefined) return known;
    const plan = { ...symbol, listedMs: symbol.listing.listedMs };
    const source = new SyntheticCandles(characterOf(plan, this.#seed, 'linear'));
    const series = new CandleSeries(source, () => symbol.listing);
    this.#linear.set(symbol.symbol, series);
    return series;
  }
}
