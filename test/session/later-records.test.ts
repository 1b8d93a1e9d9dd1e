// Records and epochs: what is written carries that of its writer, and what a later one has written is not written over.

import { expect, test } from 'vitest';
import { production } from '../../sim/production.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { Drivers } from '../../src/drivers/drivers.ts';
import type { Failure } from '../../src/errors.ts';
import { diedIn } from '../records/written.ts';
import { paused } from './paused.ts';

test('every record that a run writes carries the epoch of its lock, also when another process goes on with it', async () => {
  const made = await diedIn('loadData');
  expect((await made.records()).map(({ epoch }) => epoch)).toEqual([1, 2]);
  await made.command();
  expect((await made.records()).map(({ epoch }) => epoch)).toEqual([1, 3]);
});

test('a record of a later epoch than one’s own is left as it is, and so is its run', async () => {
  const made = await diedIn('loadData');
  const [lastEpoch, name] = [9, `changeover-prod-${(await made.records()).at(-1)?.id}`];
  // Between taking the lock and reading the records another one has taken over, and this process was held up.
  const connect = (drivers: Drivers): Drivers => ({ ...drivers, lease: { ...drivers.lease, describe: drivers.lease.describe, read: drivers.lease.read.bind(drivers.lease), write: async (lease, version) => {
    const written = await drivers.lease.write(lease, version);
    if (lease.acquiredAt === lease.renewedAt) await setEpoch(lastEpoch);
    return written;
  } } });
  const setEpoch = async (epoch: number): Promise<void> => {
    const found = await made.world.cluster.get({ kind: kinds.configMap, namespace: 'changeover', name });
    const record = JSON.parse((found?.['data'] as { readonly record: string } | undefined)?.record ?? '') as object;
    await made.world.cluster.patch({ kind: kinds.configMap, namespace: 'changeover', name }, { data: { record: JSON.stringify({ ...record, epoch }) } });
  };
  const refused = await made.command({ operation: 'rebuild' }, { connect }).catch((error: unknown) => error as Failure);
  expect(refused).toMatchObject({ code: 'LockLost', exitCode: 75, facts: { summary: expect.stringContaining('was written under epoch 9, and this runner has epoch 3') } });
  expect((await made.records()).at(-1)).toMatchObject({ epoch: 9, outcome: 'running' });
  expect(made.releases()).toEqual(['prod-r0001', 'prod-r0002']);
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
});

test('a write on the record that was sent before the lock was lost, and comes when another one has gone on with the run, changes nothing of it', async () => {
  const made = await production();
  await made.command();
  const pause = paused('records', 'replace', 4);
  const first = made.command({ operation: 'rebuild' }, { connect: pause.connect, holder: 'first/1' });
  await pause.begun;
  const second = await made.command({ operation: 'rebuild' }, { holder: 'second/1' });
  pause.end();
  const after = await made.records();
  expect(await first).toMatchObject({ failure: { code: 'LockLost' }, exitCode: 75 });
  expect(second).toMatchObject({ outcome: 'succeeded' });
  expect(await made.records()).toEqual(after);
  expect(after.at(-1)).toMatchObject({ epoch: 3, holder: 'second/1', outcome: 'succeeded' });
});

test('a count that somebody has typed in is told as damage, and is nowhere gone on with', async () => {
  const made = await diedIn('loadData');
  const name = `changeover-prod-${(await made.records()).at(-1)?.id}`;
  const found = await made.world.cluster.get({ kind: kinds.configMap, namespace: 'changeover', name });
  const record = JSON.parse((found?.['data'] as { readonly record: string } | undefined)?.record ?? '') as object;
  await made.world.cluster.patch({ kind: kinds.configMap, namespace: 'changeover', name }, { data: { record: JSON.stringify({ ...record, epoch: 2_147_483_647 }) } });
  expect(await made.command().catch((error: unknown) => error as Failure)).toMatchObject({ code: 'RecordUnreadable' });
  const lease = await made.world.cluster.get({ kind: kinds.lease, namespace: 'changeover', name: 'changeover-prod' });
  expect(lease?.['spec']).toMatchObject({ leaseTransitions: 3 });
});
