import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import { ServerAway, reasonOf } from '../domain/failure.js';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.js';
import type { TemporalClient } from './temporal.js';

/** What registering needs of a client. */
type Connected = Pick<TemporalClient, 'connection' | 'namespace'>;

/**
 * Registers the search attributes that the namespace lacks. Worker and CLI both do it, because either
 * may be the first to meet a new server.
 *
 * @throws ServerAway when one is missing and the server refuses to register it
 */
export async function ensureSearchAttributes({ connection, namespace }: Connected): Promise<void> {
  const missing = await missingSearchAttributes({ connection, namespace });
  if (missing.length === 0) return;
  const types = SEARCH_ATTRIBUTES.filter(({ name }) => missing.includes(name)).map(
    ({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type) ?? 0] as const,
  );
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(types),
    });
  } catch (error) {
    // worker and CLI may register at the same moment: what counts is that they are there now
    const still = await missingSearchAttributes({ connection, namespace });
    if (still.length === 0) return;
    throw new ServerAway(
      `Temporal refuses to register the search attributes ${still.join(', ')} (${reasonOf(error)}): ` +
        `create them with "temporal operator search-attribute create"`,
    );
  }
}

/** Names of the search attributes that the namespace lacks. */
export async function missingSearchAttributes({
  connection,
  namespace,
}: Connected): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return SEARCH_ATTRIBUTES.map(({ name }) => name).filter((name) => !(name in customAttributes));
}
