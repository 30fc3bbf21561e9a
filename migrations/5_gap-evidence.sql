-- Up Migration

-- The answers that count as proof of a gap, oldest first: objects with asked_at, venue_time, from, to,
-- rows, workflow_id and run_id. `rows` are those of the whole answer to the window [from, to).
ALTER TABLE gap ADD COLUMN evidence jsonb NOT NULL DEFAULT '[]'
  CHECK (jsonb_typeof(evidence) = 'array');

-- Gaps that were asked for often enough and still wait for their verdict: one more answer gives it.
UPDATE gap SET next_ask = now()
  WHERE closed_at IS NULL AND kind = 'unconfirmed' AND next_ask IS NULL;

-- The last comparison of the stored rows with coverage, one row at most. `deletions` tells whether rows
-- may have been deleted since.
CREATE TABLE row_scan (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  scanned_at timestamptz NOT NULL,
  deletions text NOT NULL
);

-- Down Migration

DROP TABLE row_scan;
ALTER TABLE gap DROP COLUMN evidence;
