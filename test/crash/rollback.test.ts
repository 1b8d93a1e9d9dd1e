// A run that died while the public moved over, and an operator who wants it back.

import { expect, test } from 'vitest';
import { environmentWith, production } from '../../sim/production.ts';

test('killed while the public moves over, and then a rollback: the names go back once, and no release too far', { timeout: 60_000 }, async () => {
  const { command, world, releases, publicReleases, observer } = await production();
  const environment = environmentWith({ deleteExisting: false });
  for (let count = 0; count < 2; count += 1) await command({ operation: 'rebuild' }, { environment });
  await command({ operation: 'rebuild' }, {
    environment,
    onEvent: (event, process) => {
      if (event.type === 'stepStarted' && event.step === 'drainPrevious') world.clock.after(1_000, () => process.kill());
    },
  });
  expect(publicReleases()).toEqual(['prod-r0003', 'prod-r0003']);
  expect(await command({ operation: 'rollback' }, { environment })).toMatchObject({ outcome: 'restored', exitCode: 3 });
  expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  expect(releases()).toEqual(['prod-r0001', 'prod-r0002']);
  expect(observer.violations).toEqual([]);
});
