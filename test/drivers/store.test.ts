// What the stores write for others to see, and what they make of objects that others wrote. The contract runs on the simulator.

import { describe, expect, it } from 'vitest';
import { configMapStore } from '../../src/drivers/store/config-map.ts';
import { leaseStore } from '../../src/drivers/store/lease.ts';
import type { Lease, LeaseStore, RecordStore } from '../../src/drivers/store/store.ts';
import { rejection } from '../contracts/cluster-objects.ts';
import type { ApiDouble, Reply } from './cluster-server.ts';
import { apiDouble, inTurn, json, refusal } from './cluster-server.ts';

const place = { namespace: 'changeover', environment: 'prod' };
const labels = { 'app.kubernetes.io/managed-by': 'changeover', 'changeover.dev/environment': 'prod' };
const recordLabels = { ...labels, 'changeover.dev/record': 'run' };
const noNamespace = refusal(404, 'NotFound', 'namespaces "changeover" not found');
/** Stores what it is sent. */
const stored: Reply = (response, { body }) => json({ ...(body as object), metadata: { ...(body as { metadata: object }).metadata, resourceVersion: '7', uid: 'u' } }, 201)(response, { body } as never);

async function records(reply: Reply): Promise<ApiDouble & { readonly store: RecordStore }> {
  const double = await apiDouble(reply);
  return { ...double, store: configMapStore(double.cluster, place) };
}

async function lease(reply: Reply): Promise<ApiDouble & { readonly store: LeaseStore }> {
  const double = await apiDouble(reply);
  return { ...double, store: leaseStore(double.cluster, place) };
}

function record(name: string, createdAt: string, more: Readonly<Record<string, unknown>> = { data: { record: name } }): unknown {
  return { metadata: { name: `changeover-prod-${name}`, namespace: 'changeover', resourceVersion: '3', creationTimestamp: createdAt, labels: recordLabels }, ...more };
}

describe('a record', () => {
  it('is a ConfigMap that says whose it is', async () => {
    const { store, received } = await records(stored);
    expect(await store.create('run-1', '{"version":1}')).toBe('7');
    expect(received).toMatchObject([{ method: 'POST', path: '/api/v1/namespaces/changeover/configmaps', body: { metadata: { name: 'changeover-prod-run-1', labels: recordLabels }, data: { record: '{"version":1}' } } }]);
  });

  it('makes the runner’s namespace when there is none, and marks it', async () => {
    const { store, received } = await records(inTurn(noNamespace, stored, stored));
    expect(await store.create('run-1', '{}')).toBe('7');
    expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/v1/namespaces/changeover/configmaps', 'POST /api/v1/namespaces', 'POST /api/v1/namespaces/changeover/configmaps']);
    expect(received[1]?.body).toMatchObject({ kind: 'Namespace', metadata: { name: 'changeover', labels: { 'app.kubernetes.io/managed-by': 'changeover' } } });
  });

  it('is content when another runner makes the namespace first', async () => {
    const { store } = await records(inTurn(noNamespace, refusal(409, 'AlreadyExists', 'it exists'), stored));
    expect(await store.create('run-1', '{}')).toBe('7');
  });

  it('makes no namespace when it is merely not allowed to write', async () => {
    const { store, received } = await records(refusal(403, 'Forbidden', 'no'));
    expect(await rejection(store.create('run-1', '{}'))).toBe('forbidden');
    expect(received).toHaveLength(1);
  });

  it('says how big it is when it is too big, and sends nothing', async () => {
    const { store, received } = await records(stored);
    await expect(store.create('run-1', 'ö'.repeat(500 * 1024))).rejects.toThrow('it has 1024000 bytes, and a ConfigMap takes at most 921600');
    await expect(store.replace('run-1', 'ö'.repeat(500 * 1024), '7')).rejects.toThrow('1024000');
    expect(received).toEqual([]);
  });

  it('is replaced under the version that was read', async () => {
    const { store, received } = await records(stored);
    await store.replace('run-1', '{}', '6');
    expect(received).toMatchObject([{ method: 'PUT', body: { metadata: { resourceVersion: '6', labels: recordLabels } } }]);
  });
});

describe('the list of records', () => {
  it('asks for this environment’s only, and puts the oldest first', async () => {
    const items = [record('c', '2026-11-21T10:00:01Z'), record('b', '2026-11-21T10:00:00Z'), record('a', '2026-11-21T10:00:00Z')];
    const { store, received } = await records(json({ metadata: { resourceVersion: '9' }, items }));
    expect((await store.list()).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(received[0]?.query['labelSelector']).toBe('app.kubernetes.io/managed-by=changeover,changeover.dev/environment=prod,changeover.dev/record=run');
  });

  it('keeps a record whose text somebody removed: it is there, and cannot be read', async () => {
    const { store } = await records(json({ metadata: { resourceVersion: '9' }, items: [record('a', '2026-11-21T10:00:00Z', {})] }));
    expect(await store.list()).toEqual([{ id: 'a', describe: 'ConfigMap changeover/changeover-prod-a', body: '', version: '3' }]);
  });

  it.each([[403, 'forbidden'], [503, 'unavailable']])('is never empty because of a %i', async (status, reason) => {
    const { store } = await records(refusal(status, 'Some', 'text'));
    expect(await rejection(store.list())).toBe(reason);
    expect(await rejection(store.read('run-1'))).toBe(reason);
  });
});

describe('the lock', () => {
  const held: Lease = { holder: 'host/1', epoch: 3, durationMs: 30_000, acquiredAt: Date.UTC(2026, 10, 21, 10), renewedAt: Date.UTC(2026, 10, 21, 10, 0, 10, 5) };

  it('is a Lease as kubectl and other tools understand it', async () => {
    const { store, received } = await lease(stored);
    await store.write(held, undefined);
    expect(store.describe).toBe('Lease changeover/changeover-prod');
    expect(received[0]).toMatchObject({
      method: 'POST',
      path: '/apis/coordination.k8s.io/v1/namespaces/changeover/leases',
      body: {
        metadata: { name: 'changeover-prod', labels },
        spec: { holderIdentity: 'host/1', leaseTransitions: 3, leaseDurationSeconds: 30, acquireTime: '2026-11-21T10:00:00.000000Z', renewTime: '2026-11-21T10:00:10.005000Z' },
      },
    });
  });

  it('makes the runner’s namespace when there is none', async () => {
    const { store, received } = await lease(inTurn(noNamespace, stored, stored));
    await store.write(held, undefined);
    expect(received[1]).toMatchObject({ path: '/api/v1/namespaces' });
  });

  it('that somebody deleted is lost, not made anew', async () => {
    const { store, received } = await lease(refusal(404, 'NotFound', 'leases "changeover-prod" not found'));
    await expect(store.write(held, '6')).rejects.toMatchObject({ reason: 'conflict', detail: 'it was deleted' });
    expect(received).toHaveLength(1);
  });

  it('that was made by hand, without a word on who holds it, is held by nobody', async () => {
    const { store } = await lease(json({ metadata: { name: 'changeover-prod', resourceVersion: '5' } }));
    expect(await store.read()).toEqual({ lease: { holder: '', epoch: 0, durationMs: 0, acquiredAt: 0, renewedAt: 0 }, version: '5' });
  });

  it.each([[403, 'forbidden'], [500, 'unavailable']])('is never free because of a %i', async (status, reason) => {
    const { store } = await lease(refusal(status, 'Some', 'text'));
    expect(await rejection(store.read())).toBe(reason);
  });
});
