-- Up Migration

-- Makes ohlcv a hypertable where the extension TimescaleDB is present, keeping its rows. It may be
-- called again at any time; `m1 db upgrade` does so after every run, because the extension may appear
-- long after this migration.
CREATE FUNCTION m1_ensure_hypertable() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  converted boolean;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    RETURN false;
  END IF;
  EXECUTE 'SELECT EXISTS (SELECT FROM timescaledb_information.hypertables
           WHERE hypertable_schema = current_schema() AND hypertable_name = ''ohlcv'')'
    INTO converted;
  IF NOT converted THEN
    EXECUTE 'SELECT create_hypertable(''ohlcv'', ''timestamp'',
             chunk_time_interval => interval ''7 days'',
             create_default_indexes => false, migrate_data => true)';
  END IF;
  RETURN true;
END
$$;

-- Down Migration

DROP FUNCTION m1_ensure_hypertable();

-- Back to an ordinary table with the same rows, key and indexes. TimescaleDB refuses to drop a
-- hypertable together with anything else, so it is dropped by a statement of its own.
DO $$
DECLARE
  converted boolean := false;
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    EXECUTE 'SELECT EXISTS (SELECT FROM timescaledb_information.hypertables
             WHERE hypertable_schema = current_schema() AND hypertable_name = ''ohlcv'')'
      INTO converted;
  END IF;
  IF NOT converted THEN
    RETURN;
  END IF;
  CREATE TABLE ohlcv_plain (LIKE ohlcv);
  INSERT INTO ohlcv_plain SELECT * FROM ohlcv ORDER BY symbol, timeframe, "timestamp";
  DROP TABLE ohlcv;
  ALTER TABLE ohlcv_plain RENAME TO ohlcv;
  ALTER TABLE ohlcv ADD CONSTRAINT ohlcv_pkey PRIMARY KEY (symbol, timeframe, "timestamp");
  CREATE INDEX ix_ohlcv_symbol ON ohlcv (symbol);
  CREATE INDEX ix_ohlcv_timestamp ON ohlcv ("timestamp");
END
$$;
