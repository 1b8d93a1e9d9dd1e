// The owner records of whole runs: what they say at the end, who is refused for their sake, and that they can be done without.

import { describe, expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import { environmentWith, production, type Production } from '../../sim/production.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import type { RunEvent } from '../../src/run/events.ts';

const [www, search] = ['_changeover.www.example.org.', '_changeover.search.second.org.'] as const;
const without = environmentWith({ swap: { ownerRecords: false } });

function said(text: string): Readonly<Record<string, readonly string[]>> {
  return { [www]: [text], [search]: [text] };
}

function changes({ world }: Production): number {
  return world.requests.filter(({ text }) => text.startsWith('dns.change')).length;
}

describe('after a run', () => {
  test('they name the release and the epoch of the lock, and count the changes', async () => {
    const { command, world, events } = await production();
    await command();
    expect(world.dns.texts()).toEqual(said('changeover environment=prod release=prod-r0001 epoch=1 change=1'));
    const messages = events.flatMap((event) => (event.type === 'stepProgress' && event.step === 'swapNames' ? [event.message] : []));
    expect(messages[0]).toBe('environment prod takes www.example.org., search.second.org.: nobody has an owner record there yet');
    await command();
    expect(world.dns.texts()).toEqual(said('changeover environment=prod release=prod-r0002 epoch=2 change=2'));
  });

  test('that put the names back they name the release from before, by a text that was never there', async () => {
    const { command, world } = await production();
    await command();
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'stepStarted' && event.step === 'drainPrevious') world.sites.set('prod-r0002/ingress', { status: 503 });
    };
    expect(await command({ operation: 'rebuild' }, { onEvent })).toMatchObject({ outcome: 'restored' });
    expect(world.dns.texts()).toEqual(said('changeover environment=prod release=prod-r0001 epoch=2 change=3'));
  });

  test('that failed before the swap they are as they were', async () => {
    const { command, world } = await production();
    await command();
    world.cluster.behaviours.set('Job/loader', { outcome: 'fails' });
    expect(await command()).toMatchObject({ outcome: 'failed' });
    expect(world.dns.texts()).toEqual(said('changeover environment=prod release=prod-r0001 epoch=1 change=1'));
  });

  test('one that somebody removed by hand is written again', async () => {
    const { command, world } = await production();
    await command();
    world.dns.editText('example-org', www, []);
    expect(await command()).toMatchObject({ outcome: 'succeeded' });
    expect(world.dns.texts()[www]).toEqual(['changeover environment=prod release=prod-r0002 epoch=2 change=1']);
  });
});

describe('a run is refused', () => {
  test('when another environment has a name, whose it is and what to do being told', async () => {
    const made = await production();
    made.world.dns.editText('example-org', www, ['changeover environment=staging release=staging-aaaaa epoch=4 change=1']);
    const refused = await made.command();
    expect(refused).toMatchObject({ outcome: 'failed', exitCode: 5, failure: { code: 'GuardFailed', facts: { summary: expect.stringContaining('www.example.org. belongs to environment staging') } } });
    expect(changes(made)).toBe(0);
  });

  test('when the account may write addresses, but no texts: the key that does without is named', async () => {
    const zones = [{ id: 'example-org', origin: 'example.org.', addressesOnly: true }, { id: 'second-org', origin: 'second.org.' }];
    const made = await production({ zones });
    const summary = 'zone example-org: the owner records (TXT _changeover.www.example.org.) cannot be written: the account may not change texts in this zone; allow it, or set swap.ownerRecords: false';
    expect(await made.command()).toMatchObject({ exitCode: 5, failure: { code: 'GuardFailed', facts: { summary } } });
    expect(await made.command({ operation: 'rebuild' }, { environment: without })).toMatchObject({ outcome: 'succeeded' });
    expect(made.world.dns.texts()).toEqual({});
  });
});

describe('a runner that reads a later epoch than its own', () => {
  test.each(['checkPreconditions', 'swapNames'])('in %s has been overtaken: it stops, and changes no name', async (step) => {
    const made = await production();
    await made.command();
    const before = changes(made);
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'stepStarted' && event.step === step) made.world.dns.editText('second-org', search, ['changeover environment=prod release=prod-zzzzz epoch=99 change=7']);
    };
    const stopped = await made.command({ operation: 'rebuild' }, { onEvent });
    expect(stopped).toMatchObject({ exitCode: 75, failure: { code: 'LockLost', facts: { summary: expect.stringContaining('epoch 99') } } });
    expect(changes(made)).toBe(before);
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    // Its lock was lost in no other way: whoever comes next begins above what is written there, and goes on.
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
    expect(made.world.dns.texts()[search]?.[0]).toMatch(/ epoch=100 change=8$/);
  });

  test('on its way back leaves the run as it is, and writes nothing of a failed undoing into the record', async () => {
    const made = await production();
    await made.command();
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'stepStarted' && event.step === 'drainPrevious') made.world.sites.set('prod-r0002/ingress', { status: 503 });
      if (event.type === 'undoStarted' && event.step === 'swapNames') made.world.dns.editText('second-org', search, ['changeover environment=prod epoch=99 change=7']);
    };
    expect(await made.command({ operation: 'rebuild' }, { onEvent })).toMatchObject({ exitCode: 75, failure: { code: 'LockLost' } });
    expect((await made.records()).at(-1)).toMatchObject({ outcome: 'running' });
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
    expect(made.observer.violations).toEqual([]);
  });
});

describe('the count of epochs', () => {
  test.each([
    ['goes on after the last one that a name tells of', false],
    ['goes on after the last one that a record of a run tells of, where there are no owner records', true],
  ])('%s, when the lease was deleted', async (_title, isWithout) => {
    const options = isWithout ? { environment: without } : {};
    const { command, world, records } = await production();
    for (let run = 1; run <= 3; run += 1) await command({ operation: 'rebuild' }, options);
    const lease = await world.cluster.get({ kind: kinds.lease, namespace: 'changeover', name: 'changeover-prod' });
    await world.cluster.delete({ kind: kinds.lease, namespace: 'changeover', name: 'changeover-prod' }, lease?.metadata.uid ?? '');
    expect(await command({ operation: 'rebuild' }, options)).toMatchObject({ outcome: 'succeeded' });
    expect((await records()).at(-1)?.epoch).toBe(4);
  });
});

test('whoever takes over and cannot write its epoch decides nothing: the run is left as it is, for the next', async () => {
  const made = await production();
  await made.command();
  const onEvent = (event: RunEvent, process: { kill(): void }): void => void (event.type === 'stepStarted' && event.step === 'drainPrevious' && process.kill());
  expect(await made.command({ operation: 'rebuild' }, { onEvent })).toBeUndefined();
  made.world.faults = failing(/^dns\.change/, new DriverError({ reason: 'forbidden', attempted: 'changing the zone', detail: 'REFUSED' }), Infinity);
  expect(await made.command({ operation: 'rebuild' }, { fresh: true })).toMatchObject({ outcome: 'interrupted', failure: { code: 'SwapFailed' } });
  expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  expect(made.releases()).toEqual(['prod-r0001', 'prod-r0002']);
  made.world.faults = () => undefined;
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
  expect(made.observer.violations).toEqual([]);
});
