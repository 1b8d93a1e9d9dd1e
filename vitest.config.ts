// Two projects: `fast` (no network, no real time) and `kubernetes` (the same scenarios on the embedded cluster).
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/kubernetes/**'],
        },
      },
      {
        test: {
          name: 'kubernetes',
          include: ['test/kubernetes/**/*.test.ts'],
          // One cluster, two cores: files run one after another so that a slow neighbour is not mistaken for a fault.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
