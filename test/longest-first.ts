import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of twenty seconds and more, longest first. */
const LONGEST = [
  'integration/soak',
  'integration/stream',
  'integration/stream-interruption',
  'integration/steering',
  'integration/faults',
  'integration/interruption',
  'integration/gaps',
  'integration/sync-lifecycle',
  'integration/sync',
  'integration/stream-wrong-use',
  'integration/backfill',
  'integration/freshness',
  'integration/verify',
  'integration/repair',
  'integration/retention',
  'integration/sync-services-off',
  'cli/stream-session',
  'storage/redis-budget',
  'integration/wrong-use',
  'simulator/stream-faults',
  'integration/gaps-cli',
  'integration/demo',
  'stack/orphans',
];

/**
 * Starts the long files first, so that no core waits for one of them at the end. By name, because a
 * fresh clone has no durations of an earlier run.
 */
export class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const byName = files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
    return Promise.resolve(byName.sort((a, b) => rank(a) - rank(b)));
  }
}

function rank({ moduleId, project }: TestSpecification): number {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  if (place >= 0) return place;
  return project.config.isolate ? LONGEST.length : LONGEST.length + 1;
}
