import type { CandleList } from './candle-list.js';

const DIGIT_ZERO = 48;
const DOT = 46;
const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
/** More than any row takes: 7 numbers of at most 32 digits with quotes and commas. */
const ROW_BYTES = 7 * 36;

/** How many decimals a symbol's numbers have. */
export interface Scales {
  /** A price is ticks / 10^priceDecimals. */
  readonly priceDecimals: number;
  /** A volume is lots / 10^lotDecimals; a turnover has both kinds of decimals. */
  readonly lotDecimals: number;
}

/**
 * Writes scaled integers as the venue's plain decimal strings (no exponent, no trailing zeros)
 * straight into bytes: a page of 1000 candles is 7000 numbers, and making strings of them first
 * costs several times as much.
 */
export class DecimalWriter {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  // digits of the number at hand, last digit at the end
  readonly #digits = new Uint8Array(64);
  #first = 0;

  clear(): void {
    this.#length = 0;
  }

  /** A copy of what was written. */
  toBuffer(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  toString(): string {
    return this.#bytes.toString('latin1', 0, this.#length);
  }

  /** Writes (hi * 10^15 + lo) / 10^decimals; `lo` is below 2^53, and below 10^15 when hi > 0. */
  number(hi: number, lo: number, decimals: number): void {
    this.#reserve(40);
    this.#first = this.#digits.length;
    const top = Math.floor(lo / 1e7);
    if (hi > 0) {
      this.#push(lo - top * 1e7, 7);
      this.#push(top, 8);
      this.#push(hi, decimals - 14);
    } else if (top > 0) {
      this.#push(lo - top * 1e7, 7);
      this.#push(top, decimals - 6);
    } else {
      this.#push(lo, decimals + 1);
    }
    this.#copyDigits(decimals);
  }

  /** Writes plain ASCII text. */
  text(ascii: string): void {
    this.#reserve(ascii.length);
    this.#length += this.#bytes.write(ascii, this.#length, 'latin1');
  }

  /** Writes all candles as a JSON array of rows, in the order of the list or the other way round. */
  rows(candles: CandleList, scales: Scales, order: 'as listed' | 'reversed'): void {
    this.#byte(OPEN_BRACKET);
    const { length } = candles;
    for (let n = 0; n < length; n++) {
      if (n > 0) this.#byte(COMMA);
      this.row(candles, order === 'reversed' ? length - 1 - n : n, scales);
    }
    this.#byte(CLOSE_BRACKET);
  }

  /** Writes candle `i` as the venue's row of seven strings. */
  row(candles: CandleList, i: number, { priceDecimals, lotDecimals }: Scales): void {
    this.#reserve(ROW_BYTES);
    this.#byte(OPEN_BRACKET);
    this.#quoted(0, candles.openMs[i] as number, 0);
    this.#byte(COMMA);
    this.#quoted(0, candles.open[i] as number, priceDecimals);
    this.#byte(COMMA);
    this.#quoted(0, candles.high[i] as number, priceDecimals);
    this.#byte(COMMA);
    this.#quoted(0, candles.low[i] as number, priceDecimals);
    this.#byte(COMMA);
    this.#quoted(0, candles.close[i] as number, priceDecimals);
    this.#byte(COMMA);
    this.#quoted(0, candles.volume[i] as number, lotDecimals);
    this.#byte(COMMA);
    const [hi, lo] = [candles.turnoverHi[i] as number, candles.turnoverLo[i] as number];
    this.#quoted(hi, lo, priceDecimals + lotDecimals);
    this.#byte(CLOSE_BRACKET);
  }

  #quoted(hi: number, lo: number, decimals: number): void {
    this.#byte(QUOTE);
    this.number(hi, lo, decimals);
    this.#byte(QUOTE);
  }

  /** Puts the digits of `value` before those already there, padded to `atLeast` digits. */
  #push(value: number, atLeast: number): void {
    let rest = value | 0;
    const start = this.#first;
    while (rest > 0) {
      const tenth = (rest / 10) | 0;
      this.#digits[--this.#first] = DIGIT_ZERO + rest - tenth * 10;
      rest = tenth;
    }
    while (start - this.#first < atLeast) this.#digits[--this.#first] = DIGIT_ZERO;
  }

  #copyDigits(decimals: number): void {
    const digits = this.#digits;
    const dot = digits.length - decimals;
    let end = digits.length;
    while (end > dot && digits[end - 1] === DIGIT_ZERO) end--;
    let first = this.#first;
    while (first < dot - 1 && digits[first] === DIGIT_ZERO) first++;
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = first; i < end; i++) {
      if (i === dot) bytes[at++] = DOT;
      bytes[at++] = digits[i] as number;
    }
    this.#length = at;
  }

  #byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(this.#bytes.length * 2);
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

const single = new DecimalWriter();

/** One scaled integer as the venue's plain decimal string. */
export function formatScaled(lo: number, decimals: number, hi = 0): string {
  single.clear();
  single.number(hi, lo, decimals);
  return single.toString();
}
