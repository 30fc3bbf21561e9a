import type { Scales } from './decimal-writer.js';
import { hash32, hashText, unitHash } from './hash.js';
import { DAY_MS, LEAF_MS } from './interval.js';
import { COINS, CROSS_PAIRS, inventedCoin, QUOTES } from './symbol-names.js';
import type { SyntheticCharacter } from './synthetic-candles.js';

/** The venue's oldest spot candles. */
export const MARKET_START_MS = Date.UTC(2021, 6, 5);

/** A pair of the venue, before anything was done to it. */
export interface PairPlan extends Scales {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** Place by turnover, 0 = most traded. */
  readonly rank: number;
  readonly listedMs: number;
}

const NEW_PAIR_EVERY_DAYS = 9;
const FIRST_NEW_PAIR_MS = Date.UTC(2021, 8, 1);
/** Pairs that will be listed while the simulator runs. */
const UPCOMING_PAIRS = 3;
/** New pairs at a time, when there are enough pairs. */
export const DEFAULT_RECENT = 4;
const BUSY_RANKS = 50;
const STABLECOINS = new Set(['USDC', 'DAI', 'USDE', 'USDT']);

/**
 * The pairs of the synthetic venue: old ones by rank, and the `recent` youngest of an endless
 * stream of new listings, one every nine days at a fixed date. The dates do not depend on when the
 * simulator was started, so a database filled today agrees with the simulator of tomorrow.
 */
export function planPairs(options: {
  seed: number;
  pairs: number;
  recent: number;
  nowMs: number;
}): PairPlan[] {
  const { seed, pairs, recent, nowMs } = options;
  // the same ranks are kept for new pairs whatever the number of pairs, so that it changes no candle
  const slots = Math.max(DEFAULT_RECENT, recent);
  const slotRank = (n: number): number => 7 + 8 * (n % slots);
  const taken = new Set(Array.from({ length: slots }, (_, i) => slotRank(i)));
  const free = Array.from({ length: pairs + slots }, (_, rank) => rank).filter(
    (rank) => !taken.has(rank),
  );
  const names = oldNames(pairs);
  const old = free.slice(0, pairs - recent).map((rank, i) => {
    const [base, quote] = names[i] as readonly [string, string];
    return planPair(base, quote, rank, oldListing(seed, base + quote, rank));
  });
  const young = recent === 0 ? [] : newListings(seed, recent, nowMs);
  const planned = young.map((n) =>
    // the number decides the rank, so that a pair keeps its rank from start to start
    planPair(newName(n), 'USDT', slotRank(n), newListing(seed, n)),
  );
  return [...old, ...planned];
}

/** Numbers of the `recent` youngest listings and of those to come. */
function newListings(seed: number, recent: number, nowMs: number): number[] {
  const due = Math.floor((nowMs - FIRST_NEW_PAIR_MS) / (NEW_PAIR_EVERY_DAYS * DAY_MS));
  // a listing may be later in its nine days than now
  const newest = due >= 0 && newListing(seed, due) > nowMs ? due - 1 : due;
  return Array.from({ length: recent + UPCOMING_PAIRS }, (_, i) => newest - recent + 1 + i).filter(
    (n) => n >= 0,
  );
}

/** The plan of one pair with scales that give its price four to six significant digits. */
export function planPair(base: string, quote: string, rank: number, listedMs: number): PairPlan {
  const magnitude = magnitudeOf(basePriceOf(base, quote));
  const worth = magnitudeOf(basePriceOf(base, 'USDT'));
  return {
    symbol: base + quote,
    base,
    quote,
    rank,
    listedMs,
    priceDecimals: Math.max(1, 4 - magnitude),
    lotDecimals: Math.min(6, Math.max(0, worth + 2)),
  };
}

/** The synthetic market of a pair. */
export function characterOf(plan: PairPlan, seed: number, variant = 'spot'): SyntheticCharacter {
  const { symbol, base, quote, rank, priceDecimals, lotDecimals } = plan;
  const ticks = basePriceOf(base, quote) * powerOf(10, priceDecimals);
  const turnover = dailyTurnover(rank) / (QUOTES[quote] ?? 1);
  const stable = STABLECOINS.has(base) && STABLECOINS.has(quote);
  const thinness = Math.min(1, (rank - BUSY_RANKS + 1) / 400);
  return {
    seed: hash32(seed, hashText(`${variant}:${symbol}`)),
    marketSeed: hash32(seed, 0x6d61726b),
    basePrice: Math.round(ticks),
    volatility: stable ? 0.01 : 0.7 + 0.6 * unitHash(hashText(symbol), 1),
    leafTurnover: Math.round((turnover / 288) * powerOf(10, priceDecimals + lotDecimals)),
    emptyShare: rank < BUSY_RANKS ? 0 : 0.03 + 0.4 * thinness,
  };
}

/** In USDT; a rank has 8 % less than the one before it, from rank 60 on 1.5 % less. */
function dailyTurnover(rank: number): number {
  return 1.5e9 * powerOf(0.92, Math.min(rank, 60)) * powerOf(0.985, Math.max(0, rank - 60));
}

function oldNames(count: number): (readonly [string, string])[] {
  const coins = COINS.map(([base]) => base);
  const names: (readonly [string, string])[] = [];
  let [coin, cross] = [0, 0];
  while (names.length < count) {
    const crossPair =
      names.length >= 20 && names.length % 8 === 0 ? CROSS_PAIRS[cross++] : undefined;
    // even numbers: the odd ones are the names of the new listings
    const coinName = (): string => coins[coin] ?? inventedCoin(2 * (coin - coins.length));
    if (crossPair !== undefined) names.push(crossPair);
    else {
      names.push([coinName(), 'USDT']);
      coin++;
    }
  }
  return names;
}

function newName(n: number): string {
  return inventedCoin(2 * n + 1);
}

function oldListing(seed: number, symbol: string, rank: number): number {
  const chance = hash32(seed, hashText(symbol));
  if (rank < 10 || chance % 3 === 0) return MARKET_START_MS;
  return MARKET_START_MS + (chance % 144_000) * LEAF_MS;
}

/** Between 06:00 and 18:00 of a day within the nine days of the `n`-th listing, never on the hour. */
function newListing(seed: number, n: number): number {
  const day = FIRST_NEW_PAIR_MS + n * NEW_PAIR_EVERY_DAYS * DAY_MS;
  const chance = hash32(seed, n + 0x6e6577);
  const hour = 6 + (chance % 12);
  const part = 1 + ((chance >>> 8) % 11);
  return (
    day + ((chance >>> 16) % NEW_PAIR_EVERY_DAYS) * DAY_MS + hour * 12 * LEAF_MS + part * LEAF_MS
  );
}

function basePriceOf(base: string, quote: string): number {
  const known = COINS.find(([coin]) => coin === base)?.[1];
  const chance = hashText(base);
  const invented = [0.002, 0.03, 0.4, 3][chance % 4] ?? 1;
  return (known ?? invented * (1 + ((chance >>> 8) % 100) / 50)) / (QUOTES[quote] ?? 1);
}

/** The exponent of ten of a positive number: 3 for 4500, -2 for 0.05. */
function magnitudeOf(value: number): number {
  let magnitude = 0;
  for (let rest = value; rest >= 10; rest /= 10) magnitude++;
  for (let rest = value; rest < 1; rest *= 10) magnitude--;
  return magnitude;
}

/** By multiplication alone: the language leaves the last digit of `**` to the engine. */
function powerOf(base: number, exponent: number): number {
  let power = 1;
  for (let n = 0; n < exponent; n++) power *= base;
  return power;
}
