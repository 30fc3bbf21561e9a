import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.js';

/**
 * Files that need a process of their own: those with real stacks, those with Temporal's SDK, and those
 * that put another module in a module's place.
 */
const ALONE = [
  'test/{integration,stack,workflows}/**/*.test.ts',
  'test/activities/repair*.test.ts',
  'test/dashboard/{browser,runs}.test.ts',
  'test/cli/stream-session.test.ts',
];

const common = {
  // its .mjs imports a folder, which Node refuses and a bundler resolves
  server: { deps: { inline: ['clipanion'] } },
  // real servers start inside the tests, on machines that are several times slower for a while
  testTimeout: 300_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    globalSetup: ['test/servers/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    // two more than the cores: the long tests wait for timers of the product most of their time
    maxWorkers: 4,
    projects: [
      { test: { ...common, name: 'alone', include: ALONE } },
      {
        test: {
          ...common,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          // starting a process and loading the same modules costs more than most of these files
          isolate: false,
        },
      },
    ],
  },
});
