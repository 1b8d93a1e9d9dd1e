// A runner that is killed together with Helm, between any two objects that it makes.

import { expect, test } from 'vitest';
import { production } from '../../sim/production.ts';

test.each([0, 60, 110, 160, 210])('%i ms into the install: the half-installed release is thrown away, never repaired', async (afterMs) => {
  const { command, world, releases, publicReleases, observer } = await production();
  await command();
  await command({ operation: 'rebuild' }, {
    onEvent: (event, process) => {
      if (event.type === 'stepStarted' && event.step === 'installRelease') world.clock.after(afterMs, () => process.kill());
    },
  });
  expect(await command()).toMatchObject({ outcome: 'succeeded' });
  expect(releases()).toHaveLength(1);
  expect(publicReleases()).toEqual([releases()[0], releases()[0]]);
  expect(observer.violations).toEqual([]);
});
