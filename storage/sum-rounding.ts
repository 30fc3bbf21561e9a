import { SUM_ROUNDING } from '../domain/sum-rounding.js';

/**
 * SQL of the difference that rounding explains between a stored value and the sum of `candles`.
 *
 * @param candles SQL of how many were added up
 */
export function roundingOf(stored: string, summed: string, candles: string): string {
  const { share, perCandle } = SUM_ROUNDING;
  return `(${share} * greatest(abs(${stored}), abs(${summed})) + ${perCandle} * ${candles})`;
}

/** SQL condition: the two are equal but for rounding. */
export function nearSum(stored: string, summed: string, candles: string): string {
  return `abs(${stored} - ${summed}) <= ${roundingOf(stored, summed, candles)}`;
}
