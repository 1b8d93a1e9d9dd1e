// The runner dies at each step boundary from the swap on, when the public is moving or has moved; the next run ends well.

import { afterAll, beforeAll, test } from 'vitest';
import { boundaries, firstPublic, killAndRunAgain, liveRelease, type Killing } from './support/killing.ts';

let killing: Killing;

beforeAll(async () => {
  killing = await liveRelease('t-killed');
});
afterAll(() => killing.world.end());

test.each(boundaries.slice(firstPublic))('killed at $type $step, the next run ends well', (boundary) => killAndRunAgain(killing, boundary));
