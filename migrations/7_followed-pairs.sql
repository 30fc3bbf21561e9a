-- Up Migration

-- The pairs that are kept up to date, as the last sync chose them. One that the venue delists stays
-- here, so that its end can be settled; one that another pair has pushed out of the top goes.
CREATE TABLE followed (
  symbol varchar(20) PRIMARY KEY,
  since timestamptz NOT NULL,
  synced_at timestamptz NOT NULL
);

-- How long repairs took lately.
CREATE INDEX ix_gap_closed_at ON gap (closed_at) WHERE closed_at IS NOT NULL;

-- Down Migration

DROP INDEX ix_gap_closed_at;
DROP TABLE followed;
