import type { Config } from '../../runtime/config.js';
import { missingSearchAttributes } from '../../runtime/search-attributes.js';
import { connectTemporal, type TemporalClient } from '../../runtime/temporal.js';
import { workerPolls } from '../../runtime/worker-presence.js';
import { NO_WORKER } from '../../steering/missing-worker.js';
import { ok, warn, type Check } from './check.js';

/** @throws ServerAway when Temporal cannot be used */
export async function checkTemporal({ temporal: config }: Config): Promise<readonly Check[]> {
  const temporal = await connectTemporal(config);
  try {
    const { serverVersion } = await temporal.connection.workflowService.getSystemInfo({});
    const where = `${config.address}, namespace ${config.namespace}, from ${config.origin}`;
    return [
      ok('Temporal', `${serverVersion || 'unknown version'} at ${where}`),
      await checkAttributes(temporal),
      (await workerPolls(temporal))
        ? ok('worker', 'at least one polls')
        : warn('worker', NO_WORKER),
    ];
  } finally {
    await temporal.close();
  }
}

async function checkAttributes(temporal: TemporalClient): Promise<Check> {
  const missing = await missingSearchAttributes(temporal);
  if (missing.length === 0) return ok('Temporal', 'all search attributes are registered');
  return warn(
    'Temporal',
    `search attributes ${missing.join(', ')} are missing: the first run or worker registers them`,
  );
}
