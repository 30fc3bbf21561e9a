/* The workflows that a worker knows; what the bundle is made from. */
export { backfillWorkflow } from './backfill.js';
export { symbolBackfillWorkflow } from './symbol-backfill.js';
export { repairWorkflow } from './repair.js';
export { retentionWorkflow } from './retention.js';
export { streamWorkflow } from './stream.js';
export { verifyWorkflow } from './verify.js';
export { syncWorkflow } from './sync.js';
export { freshnessWorkflow } from './freshness.js';
