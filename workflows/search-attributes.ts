import { defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../domain/workflow-names.js';

export const COLLECTOR_KIND = defineSearchAttributeKey(
  'CollectorKind',
  SEARCH_ATTRIBUTES.CollectorKind,
);
export const COLLECTOR_PHASE = defineSearchAttributeKey(
  'CollectorPhase',
  SEARCH_ATTRIBUTES.CollectorPhase,
);
export const SYMBOL = defineSearchAttributeKey('Symbol', SEARCH_ATTRIBUTES.Symbol);
export const TIMEFRAMES_KEY = defineSearchAttributeKey('Timeframes', SEARCH_ATTRIBUTES.Timeframes);
