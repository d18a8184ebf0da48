import { defineConfig } from 'vitest/config';

const HARNESS = {
  globalSetup: 'harness/global-setup.ts',
  // Each test may bring about several things that take their time on a busy machine.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 15_000, interval: 50 } },
};

export default defineConfig({
  test: {
    // As many browsers at a time.
    maxWorkers: 2,
    projects: [
      { test: { ...HARNESS, name: 'rules', include: ['rules/*.test.ts'] } },
      { test: { ...HARNESS, name: 'shots', include: ['outside/shots.ts'], testTimeout: 600_000 } },
      { test: { ...HARNESS, name: 'measure', include: ['outside/measure.ts'], testTimeout: 600_000 } },
    ],
  },
});
