// A runner that is killed at any request of a rebuild, before it is sent or before its answer is heard: the next run ends well.

import { describe, expect, test } from 'vitest';
import { killAt } from '../../sim/faults.ts';
import type { SimulatedRequest } from '../../sim/requests.ts';
import { expectMovedFrom } from './settled.ts';
import { environmentWith, production, type Production } from '../../sim/production.ts';

/** A production with one release, and the requests that an undisturbed second rebuild makes. */
async function undisturbed(): Promise<readonly SimulatedRequest[]> {
  const { command, world } = await production();
  await command();
  const from = world.requests.length;
  await command();
  return world.requests.slice(from);
}

async function interrupted(index: number, fault: 'kill' | 'killAfter'): Promise<Production> {
  const made = await production();
  await made.command();
  made.world.faults = killAt(index, fault);
  await made.command();
  return made;
}

const requests = await undisturbed();
// Both sides of each request that may change something. A reading request changes nothing, so dying at it is dying between
// two changes: every fourth of them stands for its neighbours here, and all of them for themselves in a longer run (CHANGEOVER_EVERY_READ=1).
const everyRead = process.env['CHANGEOVER_EVERY_READ'] === '1' ? 1 : 4;
const boundaries = requests.flatMap(({ index, text, writes }) => {
  if (!writes && index % everyRead !== 0) return [];
  const faults = writes ? (['kill', 'killAfter'] as const) : (['kill'] as const);
  return faults.map((fault) => ({ index, text, fault }));
});

test('there are boundaries to die at, among them both sides of each change of a zone', () => {
  expect(boundaries.length).toBeGreaterThan(60);
  expect(boundaries.filter(({ text }) => text.startsWith('dns.change'))).toHaveLength(4);
});

describe('killed', () => {
  test.each(boundaries)('$fault at request $index ($text)', async ({ index, fault }) => {
    const production = await interrupted(index, fault);
    expect(await production.command()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expectMovedFrom('prod-r0001', production);
  });
});

describe('killed twice, at the same place of the run and of the run that resumes it', () => {
  const places = boundaries.filter((_, place) => place % 6 === 0);
  test.each(places)('$fault at request $index ($text)', async ({ index, fault }) => {
    const { command, world, publicReleases, releases, observer } = await interrupted(index, fault);
    world.faults = killAt(world.requests.length + 10 + (index % 20), fault);
    await command();
    expect(await command()).toMatchObject({ exitCode: 0 });
    expect(releases()).toHaveLength(1);
    expect(publicReleases()).toEqual([releases()[0], releases()[0]]);
    expect(observer.violations).toEqual([]);
  });
});

test.each(['dns.change', 'helm.uninstall', 'cluster.patch Namespace'])('an answer that is lost (%s) is found out by looking, and the run goes on', async (text) => {
  const { command, world, observer, publicReleases } = await production();
  await command();
  const [place] = requests.filter((request) => request.text.startsWith(text));
  world.faults = (request) => (request.index === place?.index ? 'lostAnswer' : undefined);
  expect(await command()).toMatchObject({ exitCode: 0 });
  expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  expect(observer.violations).toEqual([]);
});

describe('killed together with Helm', () => {
  test.each([60, 110, 160, 210])('%i ms into the install: the half-installed release is thrown away, never repaired', async (afterMs) => {
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
});

test('killed while the public moves over, and then a rollback: the names go back once, and no release too far', async () => {
  const { command, world, releases, publicReleases, observer } = await production();
  const keeping = environmentWith({ deleteExisting: false });
  await command({ operation: 'rebuild' }, { environment: keeping });
  await command({ operation: 'rebuild' }, { environment: keeping });
  await command({ operation: 'rebuild' }, {
    environment: keeping,
    onEvent: (event, process) => {
      if (event.type === 'stepStarted' && event.step === 'drainPrevious') world.clock.after(1_000, () => process.kill());
    },
  });
  expect(publicReleases()).toEqual(['prod-r0003', 'prod-r0003']);
  expect(await command({ operation: 'rollback' }, { environment: keeping })).toMatchObject({ outcome: 'restored', exitCode: 3 });
  expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  expect(releases()).toEqual(['prod-r0001', 'prod-r0002']);
  expect(observer.violations).toEqual([]);
});
