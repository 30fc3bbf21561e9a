import { WrongUse } from '../domain/failure.js';

/** What an option accepts. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** @throws WrongUse when `text` is no whole number within the range */
export function requireWholeNumber(
  option: string,
  text: string,
  { min, max }: NumberRange,
): number {
  const number = /^\d{1,15}$/.test(text.trim()) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw new WrongUse(
    `${option} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`,
  );
}

/** @throws WrongUse when `text` is no number from 0 to `max` */
export function requireDecimal(option: string, text: string, max: number): number {
  const number = /^\d{1,9}(\.\d{1,9})?$/.test(text.trim()) ? Number(text) : NaN;
  if (number >= 0 && number <= max) return number;
  throw new WrongUse(`${option} must be a number from 0 to ${max}, not ${JSON.stringify(text)}`);
}
