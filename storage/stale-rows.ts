/*
 * A row that was stored while its candle was open, and of which the venue later knows nothing, would
 * pass for a closed one as soon as a gap is listed there. So whoever opens a gap deletes what lies in
 * it. A row that somebody else is writing at this moment is left to him: he comes to the lock of the
 * series after us, finds the gap, and closes it or deletes the row. Waiting for him instead could be
 * a deadlock, because he waits for our lock.
 */

/**
 * DELETE of the rows of open candles in spans.
 *
 * @param spans FROM item named `s` with columns symbol, timeframe, "from", "to"
 */
export function deleteStale(spans: string, condition = 'true'): string {
  return `delete from ohlcv o using (
      select r.symbol, r.timeframe, r."timestamp"
      from ${spans} join ohlcv r on r.symbol = s.symbol and r.timeframe = s.timeframe
        and r."timestamp" >= s."from" and r."timestamp" < s."to"
      where ${condition}
      for update of r skip locked) as stale
    where o.symbol = stale.symbol and o.timeframe = stale.timeframe
      and o."timestamp" = stale."timestamp"`;
}
