/*
 * Search attributes by which runs are found, in the shape of Temporal's keys: workflows, workers,
 * clients and the server's set-up must agree on them.
 */

/** `backfill`, and the kinds of the other workflows. */
export const COLLECTOR_KIND = { name: 'CollectorKind', type: 'KEYWORD' } as const;

/** What a run is doing: the phase of its progress query. */
export const COLLECTOR_PHASE = { name: 'CollectorPhase', type: 'KEYWORD' } as const;

export const SYMBOL = { name: 'Symbol', type: 'KEYWORD' } as const;

export const TIMEFRAMES_KEY = { name: 'Timeframes', type: 'KEYWORD_LIST' } as const;

export const SEARCH_ATTRIBUTES = [COLLECTOR_KIND, COLLECTOR_PHASE, SYMBOL, TIMEFRAMES_KEY] as const;
