import type { Config } from '../../runtime/config.js';
import { ensureSearchAttributes } from '../../runtime/search-attributes.js';
import { connectTemporal, type TemporalClient } from '../../runtime/temporal.js';

/** Works with a connected client whose namespace knows the search attributes, then closes it. */
export async function withTemporal<T>(
  config: Pick<Config, 'temporal'>,
  work: (temporal: TemporalClient) => Promise<T>,
): Promise<T> {
  const temporal = await connectTemporal(config.temporal);
  try {
    await ensureSearchAttributes(temporal);
    return await work(temporal);
  } finally {
    await temporal.close();
  }
}
