// A release that Helm could not remove: what is still there is named, and who may remove it.

import { describe, expect, test } from 'vitest';
import type { ClusterReader } from '../../src/drivers/cluster/cluster.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { ownedNamespace, namespaceOf } from '../../src/plan/ownership.ts';
import { remains } from '../../src/steps/remains.ts';
import type { World } from '../../src/steps/world.ts';
import { simulate } from '../../sim/world.ts';
import { environmentWith, chart, production } from '../../sim/production.ts';

const clusterRole = { apiVersion: kinds.clusterRole.apiVersion, kind: 'ClusterRole', metadata: { name: '{release}-reader' } };
const refusal = (what: string) => new DriverError({ reason: 'forbidden', attempted: what, detail: '403' });

describe('a release that Helm could not remove', () => {
  async function failedRemoval(installed?: 'laptop') {
    const made = await production({ charts: { '/chart': { ...chart, objects: [...chart.objects, clusterRole] } }, ...(installed && { installed }) });
    await made.command();
    made.world.faults = ({ text }) => (text.startsWith('helm.uninstall') ? new DriverError({ reason: 'invalid', attempted: text, detail: 'failed to delete release: prod-r0001' }) : undefined);
    return { made, performed: await made.command({ operation: 'rebuild' }, { environment: environmentWith() }) };
  }

  test('needs a human, who is told each object that is still there', async () => {
    const { made, performed } = await failedRemoval();
    expect(performed).toMatchObject({ exitCode: 4, failure: { code: 'RetireFailed' } });
    expect(performed?.failure?.facts.summary).toBe('helm could not uninstall prod-r0001: failed to delete release: prod-r0001');
    expect(performed?.failure?.facts.details).toContain('ClusterRole prod-r0001-reader is still there');
    expect(made.releases()).toEqual(['prod-r0001', 'prod-r0002']);
  });

  test('with an installed runner is told to be a matter of release.permissions, or of an administrator', async () => {
    const { performed } = await failedRemoval('laptop');
    expect(performed?.failure?.next).toContain('release.permissions');
    expect(performed?.failure?.next).toContain('helm uninstall prod-r0001 -n prod-r0001 && kubectl delete namespace prod-r0001');
  });
});

describe('what remains', () => {
  const object = (kind: { readonly apiVersion: string; readonly kind: string }, name: string, more: object = {}): KubernetesObject => ({ apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name, ...more } });
  const manifest = [object(kinds.service, 'ingress'), object(kinds.deployment, 'web'), object(kinds.clusterRole, 'reader'), object({ apiVersion: 'example.org/v1', kind: 'Widget' }, 'unknown')];

  async function remainingWith(get: ClusterReader['get'], contains: () => Promise<readonly KubernetesObject[]> = async () => manifest) {
    const world = await simulate();
    const { drivers, clock } = world.start();
    const owned = ownedNamespace({ ...namespaceOf('prod-2hpwr', { environment: 'prod', run: 'earlier' }), metadata: { ...namespaceOf('prod-2hpwr', { environment: 'prod', run: 'earlier' }).metadata, uid: 'u' } }, 'prod');
    if (owned === undefined) throw new Error('it is ours');
    const cluster = { discover: (apiVersion: string, kind: string) => world.cluster.discover(apiVersion, kind), get };
    const own = { drivers: { ...drivers, cluster, helm: { manifest: contains } } } as unknown as World;
    return remains({ world: own, clock, signal: new AbortController().signal, owned });
  }

  test('is what is certainly there, and not what is going already', async () => {
    const found = await remainingWith(async ({ kind, name }) => object(kind, name, kind.kind === 'Deployment' ? { deletionTimestamp: '2026-11-21T00:00:00Z' } : {}));
    expect(found).toEqual(['Service ingress is still there', 'ClusterRole reader is still there']);
  });

  test('is nothing when everything is gone', async () => {
    expect(await remainingWith(async () => undefined)).toEqual([]);
  });

  test('of what may not be looked at is only told what no deletion of the namespace takes along', async () => {
    expect(await remainingWith(() => Promise.reject(refusal('get')))).toEqual(['ClusterRole reader lies outside of namespaces, and this account may not look whether it is gone']);
  });

  test('is said not to be known when Helm cannot tell what the release contains', async () => {
    const found = await remainingWith(async () => undefined, () => Promise.reject(refusal('helm get manifest')));
    expect(found).toEqual(['what it still has cannot be told: helm get manifest: 403']);
  });
});
