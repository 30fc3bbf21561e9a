import { DEFAULT_STREAM_QUIRKS, STREAM_CHOICES, type StreamQuirks } from './stream-quirks.js';

/**
 * Behaviour of the venue that no source settles, one switch each. All of it can be changed while the
 * simulator runs; a collector has to work under every setting.
 */
export interface Quirks extends StreamQuirks {
  /**
   * A window without candles: `strict` answers an empty list, `stale` the newest candles before the
   * window. Default strict.
   */
  emptyWindow: 'strict' | 'stale';
  /** `start` alone, inside a hole: the candles after the hole, or those before it. Default strict. */
  startInHole: 'strict' | 'stale';
  /** `start` after `end`: retCode 10001 or an empty list. Default error. */
  startAfterEnd: 'error' | 'empty';
  /** `limit` of zero or less: as if it were absent (200), retCode 10001, or 1. Default default. */
  limitBelowOne: 'default' | 'error' | 'one';
  /** Candles without a trade: flat with volume 0, or left out. Default flat. */
  emptyCandles: 'flat' | 'omit';
  /** A delisted symbol's kline: "Not supported symbols", or its frozen series. Default error. */
  delistedKline: 'error' | 'frozen';
  /**
   * For so many ms (market clock) after its end a 5-minute candle, and what contains it, lacks its
   * last trades. Default 0: final at once.
   */
  amendAfterMs: number;
  /** How much of such a candle is missing, ms from its end. Default 30000. */
  amendCutMs: number;
  /**
   * For `replicaLagMs` after each 5-minute boundary kline lacks the new candle, or shows besides the
   * old one as it was before the boundary. Default off.
   */
  replicaLag: 'off' | 'missing-new' | 'unclosed-old';
  /** Default 1500. */
  replicaLagMs: number;
  /** X-Bapi-Limit headers on every answer. Default true. */
  rateHeaders: boolean;
  /** retMsg of a success: "OK", "success", "SUCCESS" or "". Default OK. */
  retMsg: string;
  /** `nextPageCursor` in instruments-info: left out, or "". Default absent. */
  nextPageCursor: 'absent' | 'empty';
  /** `result` of an error: {} or null. Default object. */
  errorResult: 'object' | 'null';
  /** `retExtInfo` of every answer: {} or null. Default object. */
  retExtInfo: 'object' | 'null';
  /** instruments-info of an unknown symbol: an empty list, or retCode 10001. Default empty. */
  unknownInstrument: 'empty' | 'error';
  /** Bid and ask of thin pairs in tickers: quoted, "" or "0". Default quoted. */
  emptyBook: 'quoted' | 'blank' | 'zero';
  /** Body of the ban's HTTP 403: plain text, or JSON with retCode 403. Default text. */
  banBody: 'text' | 'json';
}

export const DEFAULT_QUIRKS: Readonly<Quirks> = {
  emptyWindow: 'strict',
  startInHole: 'strict',
  startAfterEnd: 'error',
  limitBelowOne: 'default',
  emptyCandles: 'flat',
  delistedKline: 'error',
  amendAfterMs: 0,
  amendCutMs: 30_000,
  replicaLag: 'off',
  replicaLagMs: 1500,
  rateHeaders: true,
  retMsg: 'OK',
  nextPageCursor: 'absent',
  errorResult: 'object',
  retExtInfo: 'object',
  unknownInstrument: 'empty',
  emptyBook: 'quoted',
  banBody: 'text',
  ...DEFAULT_STREAM_QUIRKS,
};

const CHOICES: Readonly<Partial<Record<keyof Quirks, readonly string[]>>> = {
  emptyWindow: ['strict', 'stale'],
  startInHole: ['strict', 'stale'],
  startAfterEnd: ['error', 'empty'],
  limitBelowOne: ['default', 'error', 'one'],
  emptyCandles: ['flat', 'omit'],
  delistedKline: ['error', 'frozen'],
  replicaLag: ['off', 'missing-new', 'unclosed-old'],
  nextPageCursor: ['absent', 'empty'],
  errorResult: ['object', 'null'],
  retExtInfo: ['object', 'null'],
  unknownInstrument: ['empty', 'error'],
  emptyBook: ['quoted', 'blank', 'zero'],
  banBody: ['text', 'json'],
  ...STREAM_CHOICES,
};

/** Checks settings that come from outside. Thrown: an Error that names the wrong one. */
export function checkQuirks(input: Readonly<Record<string, unknown>>): Partial<Quirks> {
  for (const [name, value] of Object.entries(input)) {
    if (!Object.hasOwn(DEFAULT_QUIRKS, name)) throw new Error(`there is no quirk '${name}'`);
    const key = name as keyof Quirks;
    const choices = CHOICES[key];
    const wrongType = typeof value !== typeof DEFAULT_QUIRKS[key];
    if (wrongType || (typeof value === 'number' && !(value >= 0))) {
      throw new Error(`quirk '${name}': ${typeof DEFAULT_QUIRKS[key]} expected`);
    }
    if (choices !== undefined && !choices.includes(value as string)) {
      throw new Error(`quirk '${name}': one of ${choices.join(', ')} expected`);
    }
  }
  return input;
}
