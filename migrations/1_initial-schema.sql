-- Up Migration

-- `timestamp` is the open time. A candle is known by its key; the two further indexes serve programs
-- that look across all series.
CREATE TABLE ohlcv (
  symbol varchar(20) NOT NULL,
  timeframe varchar(5) NOT NULL,
  "timestamp" timestamptz NOT NULL,
  open double precision NOT NULL,
  high double precision NOT NULL,
  low double precision NOT NULL,
  close double precision NOT NULL,
  volume double precision NOT NULL,
  turnover double precision,
  PRIMARY KEY (symbol, timeframe, "timestamp")
);
CREATE INDEX ix_ohlcv_symbol ON ohlcv (symbol);
CREATE INDEX ix_ohlcv_timestamp ON ohlcv ("timestamp");

-- Everything but the name may be unknown: a backfill of named symbols reads no listing.
CREATE TABLE symbols (
  id serial PRIMARY KEY,
  name varchar(20) NOT NULL UNIQUE,
  base varchar(20),
  quote varchar(20),
  price_precision numeric,
  amount_precision numeric,
  is_active boolean NOT NULL DEFAULT true
);

CREATE TABLE signals (
  id bigserial PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  symbol varchar(20) NOT NULL,
  timeframe varchar(5),
  strategy text NOT NULL,
  side text NOT NULL,
  strength double precision,
  price double precision,
  details jsonb
);
CREATE INDEX ix_signals_symbol_created_at ON signals (symbol, created_at);

CREATE TABLE sentiment_data (
  id bigserial PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  symbol varchar(20),
  source text NOT NULL,
  score double precision,
  details jsonb
);
CREATE INDEX ix_sentiment_data_created_at ON sentiment_data (created_at);

CREATE TABLE whale_transactions (
  id bigserial PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  chain text NOT NULL,
  transaction_hash text NOT NULL,
  asset varchar(20) NOT NULL,
  amount double precision NOT NULL,
  amount_usd double precision,
  from_address text,
  to_address text,
  details jsonb,
  UNIQUE (chain, transaction_hash)
);
CREATE INDEX ix_whale_transactions_created_at ON whale_transactions (created_at);

CREATE TABLE paper_trades (
  id bigserial PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  symbol varchar(20) NOT NULL,
  side text NOT NULL,
  amount double precision NOT NULL,
  entry_price double precision NOT NULL,
  exit_price double precision,
  closed_at timestamptz,
  profit double precision,
  details jsonb
);
CREATE INDEX ix_paper_trades_symbol_created_at ON paper_trades (symbol, created_at);

-- Down Migration

DROP TABLE paper_trades;
DROP TABLE whale_transactions;
DROP TABLE sentiment_data;
DROP TABLE signals;
DROP TABLE symbols;
DROP TABLE ohlcv;
