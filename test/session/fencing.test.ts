// A runner that was paused after its check of the lock, and whose writes come when another has taken over: they must change nothing.

import { expect, test } from 'vitest';
import { production, publicNames } from '../../sim/production.ts';
import { paused } from './paused.ts';

test('a change of the names that was sent before the lock was lost, and comes after the run was unwound, leads nobody to what was deleted', async () => {
  const { command, observer, world, releases, publicReleases } = await production();
  await command();
  const pause = paused('dns', 'change');
  const first = command({ operation: 'rebuild' }, { connect: pause.connect, holder: 'first/1' });
  await pause.begun;
  const second = await command({ operation: 'rebuild' }, {
    fresh: true,
    holder: 'second/1',
    onEvent: ({ type }) => {
      // The first run is unwound and its candidate gone: now its own change of the names arrives.
      if (type === 'runEnded') pause.end();
    },
  });
  expect(observer.violations).toEqual([]);
  expect(second).toMatchObject({ outcome: 'succeeded' });
  expect(await first).toMatchObject({ outcome: 'failed', failure: { code: 'LockLost' } });
  expect(publicReleases()).toEqual(publicNames.map(() => releases().at(-1)));
  expect(world.requests.some(({ process, text }) => process === 2 && text.startsWith('dns.change'))).toBe(true);
});
