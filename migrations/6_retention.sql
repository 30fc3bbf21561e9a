-- Up Migration

-- What RETENTION has done: candles of `timeframe` that open before `horizon` are removed, and are not
-- asked for again. No row: all are kept. A day is left as long as its longer candles are not stored or
-- differ from it, so older rows may remain; `coverage` tells. m1_complete() is false for what was
-- removed: it answers for the candles that are there.
CREATE TABLE retention (
  timeframe varchar(5) PRIMARY KEY,
  horizon timestamptz NOT NULL,
  -- how long candles are kept
  keep interval NOT NULL,
  applied_at timestamptz NOT NULL
);

-- Refuses rows that retention has removed: those of a page, for example, that was asked for before the
-- horizon moved and is stored after. Every writer of rows writes coverage in the same transaction,
-- after them, so here they all pass. The writer is told to begin anew, and then finds the horizon. Time
-- without rows passes (whoever settles gaps over all that is missing must not fail for its age); the
-- next run of the retention closes it.
CREATE FUNCTION m1_refuse_before_horizon() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before tstzrange;
  newly tstzmultirange;
BEGIN
  SELECT tstzrange(NULL, r.horizon) INTO before FROM retention r WHERE r.timeframe = NEW.timeframe;
  IF NOT FOUND THEN
    RETURN NEW;
  END IF;
  newly := NEW.covered * multirange(before);
  IF TG_OP = 'UPDATE' THEN
    newly := newly - OLD.covered;
  END IF;
  IF NOT isempty(newly) AND EXISTS (
      SELECT FROM ohlcv o
      WHERE o.symbol = NEW.symbol AND o.timeframe = NEW.timeframe
        AND o."timestamp" >= lower(newly) AND o."timestamp" < upper(newly)
        AND newly @> o."timestamp") THEN
    RAISE EXCEPTION 'retention removes % % before %', NEW.symbol, NEW.timeframe, upper(before)
      USING ERRCODE = '40001';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER refuse_before_horizon BEFORE INSERT OR UPDATE OF covered ON coverage
  FOR EACH ROW EXECUTE FUNCTION m1_refuse_before_horizon();

-- Down Migration

DROP TRIGGER refuse_before_horizon ON coverage;
DROP FUNCTION m1_refuse_before_horizon();
DROP TABLE retention;
