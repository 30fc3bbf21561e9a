# The targets of the collector. Arguments go in ARGS:  make collector-backfill ARGS="--top 10 --days 7"
M1 = node dist/cli/main.js

.PHONY: collector-backfill collector-stream collector-status db-upgrade setup

collector-backfill: setup
	$(M1) backfill $(ARGS)

collector-stream: setup
	$(M1) stream $(ARGS)

collector-status: setup
	$(M1) status $(ARGS)

db-upgrade: setup
	$(M1) db upgrade $(ARGS)

setup:
	@node scripts/setup.mjs
