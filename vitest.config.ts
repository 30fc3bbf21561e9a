import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/servers/global-setup.ts'],
    // real servers start inside the tests
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // two cores: more files at once only make timing-sensitive tests slow
    maxWorkers: 2,
  },
});
