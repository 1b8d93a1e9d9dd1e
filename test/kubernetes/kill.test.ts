// The runner dies at each step boundary before the public moves, or is asked to stop there; the next run ends well. In two environments
// side by side, as most of each case is waiting.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boundaries, endsWell, firstPublic, killAndRunAgain, liveRelease, type Killing } from './support/killing.ts';
import { untilEvent } from './support/production.ts';

const beforePublic = boundaries.slice(0, firstPublic);
const inTurn = { concurrent: false };
const half = Math.ceil(beforePublic.length / 2);

describe.concurrent('in one environment', () => {
  let killing: Killing;
  beforeAll(async () => {
    killing = await liveRelease('t-kill');
  });
  afterAll(() => killing.world.end());

  test.each(beforePublic.slice(0, half))('killed at $type $step, the next run ends well', inTurn, (boundary) => killAndRunAgain(killing, boundary));
});

describe.concurrent('in another one', () => {
  let killing: Killing;
  beforeAll(async () => {
    killing = await liveRelease('t-kill-late');
  });
  afterAll(() => killing.world.end());

  test.each(beforePublic.slice(half))('killed at $type $step, the next run ends well', inTurn, (boundary) => killAndRunAgain(killing, boundary));

  test('asked to stop (SIGTERM) while it waits, it ends in order at once, and the next run resumes it under the same release', inTurn, async () => {
    const { world, layer } = killing;
    const [before = ''] = await world.releases();
    const running = world.start('rebuild', layer, '--log', 'json');
    await untilEvent(running, { type: 'stepStarted', step: 'waitUntilReady' });
    const candidates = await world.releases();
    running.kill('SIGTERM');
    const { exitCode } = await running;
    expect(exitCode).toBe(143);
    await endsWell(killing, before);
    const [live = ''] = await world.releases();
    expect(candidates).toContain(live);
  });
});
