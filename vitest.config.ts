import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/servers/global-setup.ts'],
    // its .mjs imports a folder, which Node refuses and a bundler resolves
    server: { deps: { inline: ['clipanion'] } },
    // real servers start inside the tests
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // two cores: more files at once only make timing-sensitive tests slow
    maxWorkers: 2,
  },
});
