// Projects: `fast` (no network, no real time), and the same scenarios on the embedded cluster: `kubernetes`.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest first: begun last, one of them would go on alone when all others are done. Paths in `test/`. */
const longest = [
  'crash/double', 'crash/way-back', 'crash/installed', 'crash/rebuild', 'crash/operations', 'simulate/seeds-',
  ...[
    'schedule', 'pools', 'pod-kills', 'trigger', 'bad-days', 'bad-candidates', 'kill-public', 'rebuild', 'bad-loads', 'audit', 'kill', 'hostile', 'nodes', 'load-harvester',
    'refused', 'operating', 'network-policy', 'image-build', 'drivers-cluster',
  ].map((name) => `kubernetes/${name}.`),
].map((path) => `/test/${path}`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = longest.findIndex((path) => moduleId.includes(path));
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).toSorted((left, right) => rank(left) - rank(right));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/kubernetes/**'],
          globalSetup: 'test/support/setup.ts',
          // They compute and seldom wait. Vitest by itself leaves one core idle, which is half of two.
          maxWorkers: '100%',
          // A process takes one file after another, and loads once what they have in common: a tenth less work. No module of ours keeps a
          // state that a test could meet, and each test takes back what it sets.
          isolate: false,
          // On a machine that is busy otherwise the work of a second takes many.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'kubernetes',
          include: ['test/kubernetes/**/*.test.ts'],
          globalSetup: 'test/kubernetes/support/setup.ts',
          // Most of the time they wait for the cluster, so that two cores carry five files at a time.
          maxWorkers: 5,
          // After the fast ones, and not beside them.
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
