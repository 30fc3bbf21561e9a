import type { CandleDay } from './candle-day.js';
import type { CandleList } from './candle-list.js';

/**
 * Appends to `out` the candles of `perCandle` consecutive candles of the day each. A longer candle
 * exists when at least one of its parts does.
 */
export function rollUpDay(day: CandleDay, perCandle: number, out: CandleList): void {
  for (let from = 0; from < day.size; from += perCandle) {
    let into = -1;
    for (let i = from; i < from + perCandle; i++) {
      if (day.exists[i] === 0) continue;
      if (into < 0) {
        into = out.add();
        out.openMs[into] = day.startMs + from * day.stepMs;
        out.open[into] = day.open[i] as number;
        out.high[into] = day.high[i] as number;
        out.low[into] = day.low[i] as number;
      } else {
        if ((day.high[i] as number) > (out.high[into] as number)) {
          out.high[into] = day.high[i] as number;
        }
        if ((day.low[i] as number) < (out.low[into] as number)) {
          out.low[into] = day.low[i] as number;
        }
      }
      out.close[into] = day.close[i] as number;
      out.volume[into] = (out.volume[into] as number) + (day.volume[i] as number);
      out.addTurnover(into, day.turnoverHi[i] as number, day.turnoverLo[i] as number);
    }
  }
}

/** Appends to `out` one candle opening at `openMs` made of all candles of `parts`, if any. */
export function rollUpList(parts: CandleList, openMs: number, out: CandleList): void {
  if (parts.length === 0) return;
  const into = out.add();
  out.openMs[into] = openMs;
  out.open[into] = parts.open[0] as number;
  out.high[into] = parts.high[0] as number;
  out.low[into] = parts.low[0] as number;
  for (let i = 0; i < parts.length; i++) {
    out.high[into] = Math.max(out.high[into], parts.high[i] as number);
    out.low[into] = Math.min(out.low[into], parts.low[i] as number);
    out.close[into] = parts.close[i] as number;
    out.volume[into] = (out.volume[into] as number) + (parts.volume[i] as number);
    out.addTurnover(into, parts.turnoverHi[i] as number, parts.turnoverLo[i] as number);
  }
}
