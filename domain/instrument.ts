/** A spot pair as the venue lists it. */
export interface Instrument {
  /** The venue's name, at most 20 characters (the width of the column). */
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** Smallest price step, quote currency, as a decimal number. */
  readonly pricePrecision: number;
  /** Smallest amount step, base currency, as a decimal number. */
  readonly amountPrecision: number;
}

/** One row of the venue's 24-hour statistics. */
export interface Turnover {
  readonly symbol: string;
  /** Traded in the last 24 hours, quote currency. */
  readonly turnover24h: number;
}

/** The `count` pairs quoted in USDT with the most turnover, most first. */
export function topByTurnover(
  instruments: readonly Instrument[],
  turnovers: readonly Turnover[],
  count: number,
): string[] {
  const usdt = new Set(
    instruments.filter((instrument) => instrument.quote === 'USDT').map(({ symbol }) => symbol),
  );
  return turnovers
    .filter(({ symbol }) => usdt.has(symbol))
    .sort((a, b) => b.turnover24h - a.turnover24h || (a.symbol < b.symbol ? -1 : 1))
    .slice(0, count)
    .map(({ symbol }) => symbol);
}

/** The known names most like `name`, nearest first: what the user probably meant. */
export function nearestSymbols(name: string, known: readonly string[], count = 3): string[] {
  return known
    .map((symbol) => ({ symbol, distance: editDistance(name, symbol) }))
    .sort((a, b) => a.distance - b.distance || (a.symbol < b.symbol ? -1 : 1))
    .slice(0, count)
    .map(({ symbol }) => symbol);
}

/** Levenshtein distance; names are short, so one row of the table is enough. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? a.length;
}
