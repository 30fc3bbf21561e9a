-- Up Migration

-- The span of the stream that ends where a new candle begins, which grows by it. Without this each
-- closed candle would have to look through a day of pages of its series.
CREATE INDEX ix_fetch_stream ON "fetch" (symbol, timeframe, upper(period)) WHERE source = 'ws';

-- Down Migration

DROP INDEX ix_fetch_stream;
