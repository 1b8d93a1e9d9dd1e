// A sample of runs that die, and whose successors die as well; `npm run simulate -- --double-crashes 20000` tries many more.

import { expect, test } from 'vitest';
import { doubleCrashes } from '../../sim/double-crashes.ts';

test('killed at any request, and the run that resumes it at any of its own: the third one ends well', { timeout: 600_000 }, async () => {
  const count = 500;
  const failed = await doubleCrashes({ count });
  console.log(`${count} double crashes, ${failed.length} of them ended badly`);
  expect(failed.map(({ seed, replay, findings }) => [`${replay}  (seed ${seed})`, ...findings.map(({ invariant, problem }) => `${invariant}: ${problem}`)].join('\n    '))).toEqual([]);
});
