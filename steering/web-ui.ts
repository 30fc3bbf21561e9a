import type { TemporalConfig } from '../runtime/config.js';
import type { RunIdentity } from './run-identity.js';

/** Link to a run in Temporal's Web UI; undefined where its address is not known. */
export function runLink(
  { uiUrl, namespace }: Pick<TemporalConfig, 'uiUrl' | 'namespace'>,
  { workflowId, runId }: RunIdentity,
): string | undefined {
  if (uiUrl === undefined) return undefined;
  const path = [namespace, 'workflows', workflowId, runId].map(encodeURIComponent).join('/');
  return `${uiUrl}/namespaces/${path}`;
}
