// A swap that is taken back before a lagging name server has even shown it: the candidate serves until nobody can hold its answers any more.

import { expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import { watchInvariants } from '../../sim/invariants/index.ts';
import { production } from '../../sim/production.ts';

/** A second server that is so far behind. */
function zones(lagMs: number): { readonly zones: readonly { readonly id: string; readonly origin: string; readonly lagsMs: readonly number[] }[] } {
  return { zones: [{ id: 'example-org', origin: 'example.org.', lagsMs: [0, lagMs] }, { id: 'second-org', origin: 'second.org.', lagsMs: [0, lagMs] }] };
}

test('its server shows the new answers only after the names are back: they lead to what still serves', async () => {
  const made = await production(zones(9_000));
  await made.command();
  const watched = watchInvariants(made);
  // One zone moves, the other does not, however often it is tried.
  made.world.faults = failing(/^dns\.change second-org/, 'errorBefore', 5);
  expect(await made.command()).toMatchObject({ outcome: 'failed', failure: { code: 'SwapFailed' } });
  expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  expect(made.releases()).toEqual(['prod-r0001']);
  expect(watched.settle()).toEqual([]);
});

test('where all servers had shown them, only their TTL is waited for', async () => {
  const made = await production(zones(1_000));
  await made.command();
  let began = 0;
  await made.command({ operation: 'rebuild' }, {
    onEvent: (event, process) => {
      if (event.type === 'stepStarted' && event.step === 'drainPrevious') made.world.clock.after(1_000, () => process.kill());
    },
  });
  await made.command({ operation: 'rollback' }, {
    onEvent: (event) => {
      if (event.type === 'stepProgress' && event.message.startsWith('the names are back')) began = made.world.clock.now();
      if (event.type === 'undoDone' && event.step === 'swapNames') expect(made.world.clock.now() - began).toBeLessThan(61_000);
    },
  });
  expect(began).toBeGreaterThan(0);
});
