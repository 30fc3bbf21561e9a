-- Up Migration

-- Whether M1 has all that there is of the candles that lie wholly within [from, to): each is stored,
-- or the venue has none (never traded, before the listing, after the delisting, an outage of the
-- venue). A candle that has begun and not ended by `to` does not count, so `to = now()` asks for the
-- closed ones; candles that nobody has settled yet, those of the future among them, make it false. The
-- rows themselves are counted as well: one that was deleted by hand makes it false at once.
CREATE OR REPLACE FUNCTION m1_complete(symbol text, timeframe text, "from" timestamptz, "to" timestamptz)
RETURNS boolean LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
#variable_conflict use_column
DECLARE
  length constant interval := m1_timeframe(m1_complete.timeframe);
  midnight constant timestamptz := '1970-01-01 00:00:00+00';
  first_open timestamptz;
  last_end timestamptz;
  span tstzrange;
  missing tstzmultirange;
  claimed double precision;
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
  IF NOT EXISTS (
      SELECT FROM coverage c
      WHERE c.symbol = m1_complete.symbol AND c.timeframe = m1_complete.timeframe
        AND c.covered @> span)
    OR EXISTS (
      SELECT FROM gap g
      WHERE g.symbol = m1_complete.symbol AND g.timeframe = m1_complete.timeframe
        AND g.closed_at IS NULL AND g.period && span
        AND g.kind NOT IN ('no_trades', 'before_listing', 'after_delisting', 'venue_outage')) THEN
    RETURN false;
  END IF;
  SELECT coalesce(range_agg(g.period * span), '{}') INTO missing FROM gap g
    WHERE g.symbol = m1_complete.symbol AND g.timeframe = m1_complete.timeframe
      AND g.closed_at IS NULL AND g.period && span;
  SELECT coalesce(sum(extract(epoch FROM upper(part) - lower(part))), 0) / extract(epoch FROM length)
    INTO claimed FROM unnest(multirange(span) - missing) AS part;
  RETURN claimed = (
    SELECT count(*) FROM ohlcv o
    WHERE o.symbol = m1_complete.symbol AND o.timeframe = m1_complete.timeframe
      AND o."timestamp" >= first_open AND o."timestamp" < last_end
      AND date_bin(length, o."timestamp", midnight) = o."timestamp"
      AND NOT missing @> o."timestamp");
END
$$;

-- Down Migration

-- Whether M1 has all that there is of the candles that lie wholly within [from, to): each is stored,
-- or the venue has none (never traded, before the listing, after the delisting, an outage of the
-- venue). A candle that has begun and not ended by `to` does not count, so `to = now()` asks for the
-- closed ones; candles that nobody has settled yet, those of the future among them, make it false.
CREATE OR REPLACE FUNCTION m1_complete(symbol text, timeframe text, "from" timestamptz, "to" timestamptz)
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
