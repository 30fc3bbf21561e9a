/**
 * How far a longer candle may be from the sum of its short ones. Volumes and turnovers are sums of
 * decimals: the venue adds decimals, M1 the doubles nearest to them. 288 additions lose less than
 * 1e-13 of the sum, so `share` of it is never passed by rounding; and a venue that rounds each
 * turnover to its smallest step, 1e-8, is off by less than one step a candle. Prices are copied and
 * not computed, so they must be equal.
 */
export const SUM_ROUNDING = { share: 1e-9, perCandle: 1e-8 } as const;
