// A few of all deaths one by one, as `npm run simulate -- --every-crash` takes them all.

import { expect, test } from 'vitest';
import { everyCrash, everyPlace } from '../../sim/every-crash.ts';

test('each place is died at by itself, within Helm as well, and told with the command that shows it again', async () => {
  const places = await everyPlace();
  expect(places.length).toBeGreaterThan(9_000);
  const from = places.findIndex(({ dying }) => typeof dying.fault !== 'string') - 2;
  const replays: string[] = [];
  expect(await everyCrash({ from, count: 4, progress: ({ replay }) => replays.push(replay) })).toEqual([]);
  expect(replays).toEqual([
    expect.stringMatching(/^npm run simulate -- --crash first-rebuild:\d+\/killAfter$/),
    expect.stringMatching(/first-rebuild:\d+\/killHeard$/),
    expect.stringMatching(/first-rebuild:\d+\/killAtObject-0$/),
    expect.stringMatching(/first-rebuild:\d+\/helmKilledAtObject-0$/),
  ]);
}, 120_000);
