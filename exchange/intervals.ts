import type { Timeframe } from '../domain/timeframe.js';

/** The venue's names of the timeframes, the same in REST and in the stream. */
export const INTERVALS: Readonly<Record<Timeframe, string>> = {
  '5m': '5',
  '15m': '15',
  '1h': '60',
  '4h': '240',
  '1d': 'D',
};
