// A harvester on a bad day, from its beginning or in the middle of a load: the run has failed, and nobody outside can tell.

import { expect, test } from 'vitest';
import type { HarvesterScenario } from '../../sim/harvester.ts';
import { environmentWith, production } from '../../sim/production.ts';
import { harvested, withHarvester } from './harvested.ts';

const cases: readonly { readonly mode: NonNullable<HarvesterScenario['mode']>; readonly afterMs: number; readonly reason: RegExp }[] = [
  { mode: 'error500', afterMs: 0, reason: /^no readable answer for 5 min: POST .*\/data: answered 500: .*bad day/ },
  { mode: 'error500', afterMs: 30_000, reason: /^no readable answer for 5 min: GET .*\/job\/list\/2: answered 500: .*bad day/ },
  { mode: 'html', afterMs: 0, reason: /^POST .*\/data: answered text\/html that is not JSON$/ },
  { mode: 'html', afterMs: 30_000, reason: /^GET .*\/job\/list\/2: answered text\/html that is not JSON$/ },
  { mode: 'foreign', afterMs: 30_000, reason: /^the harvester answers with list of-another-run, not with list 2 of this run$/ },
];

test.each(cases)('$mode after $afterMs ms: exit 1, and the live release and the names are as before', async ({ mode, afterMs, reason }) => {
  const { command, world, releases, publicReleases, observer } = await production(withHarvester);
  const environment = environmentWith(harvested);
  expect(await command({ operation: 'rebuild' }, { environment })).toMatchObject({ exitCode: 0 });
  const held = world.dns.held('www.example.org.');
  const onEvent = (event: { readonly type: string; readonly step?: string | undefined }): void => {
    if (event.type === 'stepStarted' && event.step === 'loadData') world.clock.after(afterMs, () => (world.harvester.scenario = { mode }));
  };
  const ended = await command({ operation: 'rebuild' }, { environment, onEvent });
  expect(ended).toMatchObject({ outcome: 'failed', exitCode: 1, failure: { code: 'LoadFailed', facts: { reason: expect.stringMatching(reason) } } });
  expect(world.dns.held('www.example.org.')).toEqual(held);
  expect(world.requests.filter(({ text, process }) => text.startsWith('dns.change') && process === 2)).toEqual([]);
  expect(world.requests.filter(({ text, process }) => text.startsWith('helm.uninstall prod-r0001') && process === 2)).toEqual([]);
  expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  expect(releases()).toEqual(['prod-r0001']);
  expect(observer.violations).toEqual([]);
});
