#!/bin/sh
# Creates the namespace of the collector and its search attributes; running it again changes nothing.
set -eu

attempt=0
until temporal operator cluster health >/dev/null 2>&1; do
  attempt=$((attempt + 1))
  if [ "$attempt" -gt 60 ]; then
    echo "Temporal at $TEMPORAL_ADDRESS is not healthy: see the logs of the service temporal" >&2
    exit 1
  fi
  sleep 2
done

if ! temporal operator namespace describe -n "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace create -n "$TEMPORAL_NAMESPACE" --retention 7d
fi

registered="$(temporal operator search-attribute list -n "$TEMPORAL_NAMESPACE")"
for attribute in CollectorKind=Keyword CollectorPhase=Keyword Symbol=Keyword Timeframes=KeywordList; do
  name="${attribute%%=*}"
  if ! echo "$registered" | grep -qw "$name"; then
    temporal operator search-attribute create -n "$TEMPORAL_NAMESPACE" --name "$name" --type "${attribute##*=}"
  fi
done
