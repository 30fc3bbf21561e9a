import { collectDefaultMetrics, Registry } from 'prom-client';

/** The figures of this process, its memory and event loop among them. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
