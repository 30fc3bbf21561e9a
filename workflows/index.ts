/* The workflows that a worker knows; what the bundle is made from. */
export { backfillWorkflow } from './backfill.js';
export { symbolBackfillWorkflow } from './symbol-backfill.js';
export { repairWorkflow } from './repair.js';
export { streamWorkflow } from './stream.js';
