// The simulated Helm beyond the contract: who owns what, what it leaves behind, what it does not do.

import { expect, test } from 'vitest';
import { simulate, type SimulatedWorld } from '../../sim/world.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { ReleaseRequest } from '../../src/drivers/helm/helm.ts';
import { namespace, object } from '../support/objects.ts';
import { install, portalChart, portalScenario } from './portal.ts';

async function request(world: SimulatedWorld, name: string): Promise<ReleaseRequest> {
  await world.cluster.create(kinds.namespace, namespace(name));
  const chart = await world.start().drivers.helm.chart({ path: './portal' });
  return { name, namespace: name, chart, values: [], signal: new AbortController().signal };
}

test('installing says nothing about readiness, and marks every object as Helm’s', async () => {
  const world = await simulate(portalScenario);
  await world.start().drivers.helm.install(await request(world, 'prod-2hpwr'));
  expect(await world.cluster.get({ kind: kinds.deployment, name: 'ingress', namespace: 'prod-2hpwr' })).toMatchObject({
    metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': 'prod-2hpwr', 'meta.helm.sh/release-namespace': 'prod-2hpwr' } },
    status: { unavailableReplicas: 2 },
  });
});

test('a cluster-scoped object of a fixed name that another release owns stops the installation before anything is created', async () => {
  const role = object('rbac.authorization.k8s.io/v1 ClusterRole', 'portal', { rules: [] });
  const world = await simulate({ charts: { './portal': { ...portalChart, objects: [role, ...portalChart.objects] } } });
  await install(world, 'prod-1live');
  const second = await request(world, 'prod-2hpwr');
  await expect(world.start().drivers.helm.install(second)).rejects.toMatchObject({ reason: 'conflict', detail: expect.stringContaining('invalid ownership metadata') });
  expect((await world.cluster.list(kinds.deployment, { namespace: 'prod-2hpwr' })).items).toEqual([]);
});

test('a polite request to stop leaves a failed release, not a locked one', async () => {
  const world = await simulate(portalScenario);
  const { helm } = world.start().drivers;
  const stop = new AbortController();
  world.clock.after(150, () => stop.abort(new Error('asked to stop')));
  await expect(helm.install({ ...(await request(world, 'prod-2hpwr')), signal: stop.signal })).rejects.toThrow('asked to stop');
  expect(await helm.find('prod-2hpwr', 'prod-2hpwr')).toMatchObject({ status: 'failed' });
});

test('a failing chart test is told with Helm’s own words', async () => {
  const world = await simulate({ charts: { './portal': { ...portalChart, failingTest: 'Error: pod prod-2hpwr-test failed' } } });
  await install(world, 'prod-2hpwr');
  const { helm } = world.start().drivers;
  const tested = helm.test('prod-2hpwr', 'prod-2hpwr', { timeoutMs: 60_000, signal: new AbortController().signal });
  await expect(tested).rejects.toMatchObject({ reason: 'invalid', detail: 'Error: pod prod-2hpwr-test failed' });
});

test('the manifest is what was installed; the volumes of a StatefulSet are not in it and stay behind', async () => {
  const world = await simulate(portalScenario);
  await install(world, 'prod-2hpwr');
  const { helm } = world.start().drivers;
  expect((await helm.manifest('prod-2hpwr', 'prod-2hpwr')).map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toContain('StatefulSet/database');
  await helm.uninstall('prod-2hpwr', 'prod-2hpwr', { signal: new AbortController().signal });
  await world.clock.sleep(60_000);
  expect((await world.cluster.list(kinds.pod, { namespace: 'prod-2hpwr' })).items).toEqual([]);
  expect((await world.cluster.list(kinds.persistentVolumeClaim, { namespace: 'prod-2hpwr' })).items).toHaveLength(1);
  await expect(helm.manifest('prod-2hpwr', 'prod-2hpwr')).rejects.toMatchObject({ reason: 'notFound' });
});
