// A runner that another one has taken over from, and whose write was sent before it could know: the API server itself refuses it, because
// each write carries what was read before it. (Of DNS the same is shown in drivers-dns.test.ts.)

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { configMapStore } from '../../src/drivers/store/config-map.ts';
import { leaseStore } from '../../src/drivers/store/lease.ts';
import { annotations } from '../../src/plan/ownership.ts';
import { continueJournal, createJournal } from '../../src/run/journal.ts';
import { systemClock } from '../../src/run/system-clock.ts';
import { claimAsSeen, claimRelease, noteOnRelease, type Looked } from '../../src/steps/claim.ts';
import type { World } from '../../src/steps/world.ts';
import { rejection } from '../contracts/cluster-objects.ts';
import { newRecord } from '../run/engine-world.ts';
import { auditedSince, auditMark } from './support/audit.ts';
import { connect, connection, makeNamespace, removeNamespace } from './support/namespaces.ts';

const never = new AbortController().signal;
const { auditLog } = connection();
let cluster: Cluster;
let release: string;
let mark: number;

beforeAll(async () => {
  cluster = await connect();
  release = await makeNamespace(cluster, 'stale');
});
afterAll(() => removeNamespace(cluster, release));
beforeEach(() => (mark = auditMark(auditLog)));

/** What reached the API server and was refused there, by its own log. */
function refused(): readonly string[] {
  const about = auditedSince(auditLog, mark, /./).filter(({ namespace, name }) => namespace === release || name === release);
  return about.filter(({ code }) => code >= 400).map(({ verb, resource, code }) => `${verb} ${resource}: ${code}`);
}

/** The cluster of a runner whose first writing on an object arrives after another runner has done this. */
function late(meanwhile: () => Promise<unknown>): Cluster {
  let waiting: (() => Promise<unknown>) | undefined = meanwhile;
  const get: Cluster['get'] = (reference) => cluster.get(reference);
  const patch: Cluster['patch'] = async (...input) => {
    const before = waiting;
    waiting = undefined;
    await before?.();
    return cluster.patch(...input);
  };
  return { get, patch } as unknown as Cluster;
}

function contextOf(epoch: number, through = cluster) {
  return { world: { drivers: { cluster: through } } as unknown as World, run: { id: `run-${epoch}`, operation: 'rebuild', epoch }, clock: systemClock, signal: never };
}

async function present(): Promise<KubernetesObject> {
  const found = await cluster.get({ kind: kinds.namespace, name: release });
  if (found === undefined) throw new Error(`${release} is gone`);
  return found;
}

async function look(): Promise<Looked> {
  const { metadata } = await present();
  return { name: release, uid: metadata.uid ?? '', version: metadata.resourceVersion };
}

describe('a write of a stale runner reaches the API server, and is refused there:', () => {
  test('on the record, which stays as the one that took over has written it', async () => {
    const store = configMapStore(cluster, { namespace: release, environment: 'prod' });
    const options = { store, clock: systemClock, lost: never };
    const stale = await createJournal({ ...newRecord(), epoch: 1 }, options);
    await stale.begin('install');
    const { body = '', version = '' } = (await store.read('run-1')) ?? {};
    const next = await continueJournal({ record: { ...(JSON.parse(body) as typeof stale.record), epoch: 2 }, version }, options);
    expect(refused()).toEqual([]);
    await expect(stale.complete('install', { uid: 'of the stale one' })).rejects.toMatchObject({ code: 'LockLost' });
    expect(refused()).toEqual(['update configmaps: 409']);
    await next.complete('install', { uid: 'of the next one' });
    const stored = JSON.parse((await store.read('run-1'))?.body ?? '') as typeof stale.record;
    expect(stored).toMatchObject({ epoch: 2, steps: [{ name: 'install', output: { uid: 'of the next one' } }] });
  });

  test('on the lease, which stays with the one that took over', async () => {
    const store = leaseStore(cluster, { namespace: release, environment: 'prod' });
    const held = { holder: 'host/1', epoch: 1, durationMs: 10_000, acquiredAt: 1_700_000_000_000, renewedAt: 1_700_000_000_000 };
    const version = await store.write(held, await store.write(held, undefined));
    await store.write({ ...held, holder: 'host/2', epoch: 2 }, version);
    expect(refused()).toEqual([]);
    expect(await rejection(store.write({ ...held, renewedAt: held.renewedAt + 5_000 }, version))).toBe('conflict');
    expect(refused()).toEqual(['update leases: 409']);
    expect(await store.read()).toMatchObject({ lease: { holder: 'host/2', epoch: 2 } });
  });

  test('of a mark on a release, which keeps the mark and the epoch of the one that took over', async () => {
    await noteOnRelease({ name: release }, { [annotations.state]: 'candidate' }, contextOf(3));
    const takeover = () => noteOnRelease({ name: release }, { [annotations.state]: 'live' }, contextOf(4));
    const marking = noteOnRelease({ name: release }, { [annotations.state]: 'retiring' }, contextOf(3, late(takeover)));
    await expect(marking).rejects.toMatchObject({ code: 'LockLost' });
    expect(refused()).toEqual(['patch namespaces: 409']);
    expect((await present()).metadata.annotations).toMatchObject({ [annotations.state]: 'live', [annotations.epoch]: '4' });
  });

  test('of the claim before a release is uninstalled: nothing is removed on the strength of an old look', async () => {
    const looked = await look();
    await claimRelease({ name: release }, contextOf(6));
    expect(await rejection(claimAsSeen(looked, contextOf(5)))).toBe('conflict');
    expect(refused()).toEqual(['patch namespaces: 409']);
    expect((await present()).metadata.annotations).toMatchObject({ [annotations.epoch]: '6' });
  });

  test('of the deletion of a release that the one that took over has claimed; as its own it is granted', async () => {
    const { uid, version } = await look();
    const claimed = await claimAsSeen({ name: release, uid, version }, contextOf(7));
    await claimRelease({ name: release }, contextOf(8));
    const reference = { kind: kinds.namespace, name: release };
    expect(await rejection(cluster.delete(reference, uid, claimed))).toBe('conflict');
    expect(refused()).toEqual(['delete namespaces: 409']);
    expect((await present()).metadata.deletionTimestamp).toBeUndefined();
    await cluster.delete(reference, uid, (await look()).version);
    expect((await present()).metadata.deletionTimestamp).toBeDefined();
  });
});
