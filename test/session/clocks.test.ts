// Machines whose clocks disagree: what was begun on one of them and goes on on another waits no less for it.

import { expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import { environmentWith, production } from '../../sim/production.ts';

test.each([
  { what: 'an hour behind', aheadMs: -3_600_000 },
  { what: 'an hour ahead', aheadMs: 3_600_000 },
])('whoever resumes a run whose names were moved on a machine that is $what keeps the previous release until the last old answer has expired', async ({ aheadMs }) => {
  const { command, world, publicReleases, releases } = await production();
  await command();
  world.faults = failing(/^cluster\.identity/, { fault: 'clockSet', ms: aheadMs });
  await command({ operation: 'rebuild' }, {
    onEvent: (event, process) => {
      if (event.type === 'stepStarted' && event.step === 'drainPrevious') process.kill();
    },
  });
  world.faults = () => undefined;
  const movedAt = world.requests.findLast(({ text }) => text.startsWith('dns.change'))?.at ?? 0;
  expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  expect(await command()).toMatchObject({ outcome: 'succeeded' });
  expect(releases()).toEqual(['prod-r0002']);
  const uninstalledAt = world.requests.find(({ text }) => text.startsWith('helm.uninstall'))?.at ?? 0;
  const ttlMs = 60_000;
  expect(uninstalledAt - movedAt).toBeGreaterThanOrEqual(ttlMs);
  // Nor for an hour longer.
  expect(uninstalledAt - movedAt).toBeLessThan(5 * ttlMs);
});

test('a machine whose time is set ahead while the names move waits for the name servers all the same', async () => {
  const { command, world, publicReleases } = await production({ zones: [{ id: 'example-org', origin: 'example.org.' }, { id: 'second-org', origin: 'second.org.', lagsMs: [0, 5_000] }] }, { environment: environmentWith({ swap: { timeout: '10s' } }) });
  await command();
  let isMoving = false;
  const ahead = failing(/^resolver/, { fault: 'clockSet', ms: 12_000 });
  world.faults = (request) => {
    isMoving ||= request.text.startsWith('dns.change');
    return isMoving ? ahead(request) : undefined;
  };
  expect(await command()).toMatchObject({ outcome: 'succeeded' });
  expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
});
