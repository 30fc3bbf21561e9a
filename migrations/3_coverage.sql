-- Up Migration

-- The closed candles of a series that are settled: stored in ohlcv, or listed as an open gap.
-- At each commit: covered = closed rows + open gaps, the two disjoint, and `candles` counts the rows.
-- `open_candle` is the open time of the candle that was last stored while still open: only a hint
-- that a later page will meet its row. Room is left in the pages, because every stored page of
-- candles updates one row here.
CREATE TABLE coverage (
  symbol varchar(20) NOT NULL,
  timeframe varchar(5) NOT NULL,
  covered tstzmultirange NOT NULL DEFAULT '{}',
  candles bigint NOT NULL DEFAULT 0,
  first_candle timestamptz,
  open_candle timestamptz,
  PRIMARY KEY (symbol, timeframe)
) WITH (fillfactor = 70);

-- What is missing, and why. A gap is open until `closed_at`; closed ones stay as evidence.
CREATE TABLE gap (
  id bigserial PRIMARY KEY,
  symbol varchar(20) NOT NULL,
  timeframe varchar(5) NOT NULL,
  period tstzrange NOT NULL
    CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)
      AND NOT lower_inf(period) AND NOT upper_inf(period)),
  kind text NOT NULL
    CHECK (kind IN ('unconfirmed', 'no_trades', 'before_listing', 'after_delisting',
      'venue_outage', 'failed', 'disconnected')),
  found_at timestamptz NOT NULL,
  found_by text NOT NULL,
  asked integer NOT NULL,
  last_asked timestamptz,
  next_ask timestamptz,
  closed_at timestamptz,
  reason text
);
CREATE INDEX ix_gap_open ON gap (symbol, timeframe, lower(period)) WHERE closed_at IS NULL;
CREATE INDEX ix_gap_next_ask ON gap (next_ask) WHERE closed_at IS NULL AND next_ask IS NOT NULL;

-- One row a page or stream span, so that one candle can be explained (the name is a reserved word of
-- SQL: always quoted). `rows` counts the closed
-- candles of the answer, `added` those of them that were not stored before.
CREATE TABLE "fetch" (
  symbol varchar(20) NOT NULL,
  timeframe varchar(5) NOT NULL,
  period tstzrange NOT NULL,
  source text NOT NULL CHECK (source IN ('rest', 'ws', 'repair')),
  workflow_id text NOT NULL,
  run_id text NOT NULL,
  asked_at timestamptz NOT NULL,
  rows integer NOT NULL,
  added integer NOT NULL
);
CREATE INDEX ix_fetch_run ON "fetch" (run_id);
CREATE INDEX ix_fetch_series ON "fetch" (symbol, timeframe, lower(period));

-- The venue that filled this database, one row at most.
CREATE TABLE source (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  label text NOT NULL,
  -- tells two databases of the same venue apart
  database_id uuid NOT NULL DEFAULT gen_random_uuid(),
  claimed_at timestamptz NOT NULL DEFAULT now()
);

-- No request may be sent before this moment, one row at most.
CREATE TABLE ban (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  not_before timestamptz NOT NULL
);

ALTER TABLE symbols
  ADD COLUMN first_seen timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN last_seen timestamptz,
  ADD COLUMN probed_from timestamptz,
  ADD COLUMN first_day timestamptz;

-- The closed candles: all of ohlcv but the candle still open.
CREATE VIEW ohlcv_closed AS
  SELECT o.symbol, o.timeframe, o."timestamp", o.open, o.high, o.low, o.close, o.volume, o.turnover
  FROM ohlcv o
  JOIN coverage c ON c.symbol = o.symbol AND c.timeframe = o.timeframe
  WHERE c.covered @> o."timestamp";

CREATE FUNCTION m1_timeframe(timeframe text) RETURNS interval
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN CASE timeframe
    WHEN '5m' THEN interval '5 minutes'
    WHEN '15m' THEN interval '15 minutes'
    WHEN '1h' THEN interval '1 hour'
    WHEN '4h' THEN interval '4 hours'
    WHEN '1d' THEN interval '24 hours'
  END;
END
$$;

-- Whether M1 has all that there is of the candles that lie wholly within [from, to): each is stored,
-- or the venue has none (never traded, before the listing, after the delisting, an outage of the
-- venue). A candle that has begun and not ended by `to` does not count, so `to = now()` asks for the
-- closed ones; candles that nobody has settled yet, those of the future among them, make it false.
CREATE FUNCTION m1_complete(symbol text, timeframe text, "from" timestamptz, "to" timestamptz)
RETURNS boolean LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
#variable_conflict use_column
DECLARE
  length constant interval := m1_timeframe(m1_complete.timeframe);
  midnight constant timestamptz := '1970-01-01 00:00:00+00';
  first_open timestamptz;
  last_end timestamptz;
  span tstzrange;
BEGIN
  IF length IS NULL THEN
    RAISE EXCEPTION 'unknown timeframe %', m1_complete.timeframe USING ERRCODE = '22023';
  END IF;
  first_open := date_bin(length, m1_complete."from", midnight);
  IF first_open < m1_complete."from" THEN
    first_open := first_open + length;
  END IF;
  last_end := date_bin(length, m1_complete."to", midnight);
  IF first_open >= last_end THEN
    RETURN true;
  END IF;
  span := tstzrange(first_open, last_end);
  RETURN EXISTS (
      SELECT FROM coverage c
      WHERE c.symbol = m1_complete.symbol AND c.timeframe = m1_complete.timeframe
        AND c.covered @> span)
    AND NOT EXISTS (
      SELECT FROM gap g
      WHERE g.symbol = m1_complete.symbol AND g.timeframe = m1_complete.timeframe
        AND g.closed_at IS NULL AND g.period && span
        AND g.kind NOT IN ('no_trades', 'before_listing', 'after_delisting', 'venue_outage'));
END
$$;

-- Joins what a page settles to what is covered, if nothing of the page's window is covered yet.
-- Evaluated under the lock of the coverage row, where no other writer can be between the two.
CREATE FUNCTION m1_join_uncovered(
  covered tstzmultirange, settled tstzmultirange, page_window tstzrange)
RETURNS tstzmultirange LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF covered && page_window THEN
    RAISE EXCEPTION 'part of % is covered already', page_window USING ERRCODE = 'M1001';
  END IF;
  RETURN covered + settled;
END
$$;

-- Down Migration

DROP FUNCTION m1_join_uncovered(tstzmultirange, tstzmultirange, tstzrange);
DROP FUNCTION m1_complete(text, text, timestamptz, timestamptz);
DROP FUNCTION m1_timeframe(text);
DROP VIEW ohlcv_closed;
ALTER TABLE symbols
  DROP COLUMN first_seen,
  DROP COLUMN last_seen,
  DROP COLUMN probed_from,
  DROP COLUMN first_day;
DROP TABLE ban;
DROP TABLE source;
DROP TABLE "fetch";
DROP TABLE gap;
DROP TABLE coverage;
