// The contracts that real drivers keep, kept by the simulated ones: a difference is a fault of the simulator.

import { expect } from 'vitest';
import { findKind } from '../../sim/cluster/kinds.ts';
import { SimulatedDns } from '../../sim/dns.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { HelmFate, simulatedHelm } from '../../sim/helm.ts';
import { simulate } from '../../sim/world.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { secretReader } from '../../src/drivers/secrets.ts';
import { configMapStore } from '../../src/drivers/store/config-map.ts';
import { leaseStore } from '../../src/drivers/store/lease.ts';
import { clusterContract } from '../contracts/cluster.ts';
import { clusterControllersContract, outcomes } from '../contracts/cluster-controllers.ts';
import { dnsContract } from '../contracts/dns.ts';
import { helmContract } from '../contracts/helm.ts';
import { notifierContract } from '../contracts/notify.ts';
import { secretsContract } from '../contracts/secrets.ts';
import { leaseStoreContract, neighbourSuffix, recordStoreContract } from '../contracts/store.ts';
import { deployment, namespace, object } from '../support/objects.ts';
import { testCluster } from './cluster.ts';

const end = async (): Promise<void> => undefined;

clusterContract('the simulated cluster', async () => {
  const { cluster } = await testCluster();
  await cluster.create(kinds.namespace, namespace('there'));
  return { cluster, namespace: 'here', otherNamespace: 'there', forgotten: kinds.configMap, end };
});

clusterControllersContract('the simulated cluster', async () => {
  const { cluster } = await testCluster({ behaviours: outcomes });
  let made = 0;
  const makeNamespace = async (): Promise<string> => {
    made += 1;
    return (await cluster.create(kinds.namespace, namespace(`controlled-${made}`))).metadata.name;
  };
  const refusePods = async (place: string): Promise<void> => void cluster.behaviours.set(`${place}/Deployment/refused`, { outcome: 'quota' });
  return { cluster, image: 'example:1', makeNamespace, refusePods, end };
});

dnsContract('the simulated DNS', async () => {
  const zone = { id: 'example-org', origin: 'example.org.' };
  const { provider, resolver } = new SimulatedDns(new VirtualClock(), [zone]);
  const { provider: stranger } = new SimulatedDns(new VirtualClock(), [{ ...zone, readOnly: true }]);
  const { drivers } = (await simulate({ zones: [zone], faults: () => 'errorBefore' })).start();
  return { provider, resolver, stranger, unreachable: drivers.dns, zoneId: 'example-org', end };
}, { isServed: true });

recordStoreContract('the record store on the simulated cluster', async () => {
  const { cluster } = await testCluster();
  const place = { namespace: 'changeover', environment: 'prod' };
  return { store: configMapStore(cluster, place), neighbour: configMapStore(cluster, { ...place, environment: `prod-${neighbourSuffix}` }), end };
});

leaseStoreContract('the lease store on the simulated cluster', async () => {
  const { cluster } = await testCluster();
  return { store: leaseStore(cluster, { namespace: 'changeover', environment: 'prod' }), end };
});

secretsContract('the reader of Secrets on the simulated cluster', async () => {
  const { cluster } = await testCluster();
  return { secrets: secretReader(cluster), cluster, namespace: 'here', end };
});

notifierContract('the simulated listener', async () => {
  const world = await simulate();
  const [first] = world.start().drivers.notifiers;
  if (first === undefined) throw new Error('nobody listens');
  return { notifier: first.notifier, told: async (runId) => world.notifications.filter((one) => one.runId === runId).map(({ text }) => text), end };
});

helmContract('the simulated Helm', async () => {
  const { cluster } = await testCluster();
  const hook = object('v1 Pod', '{release}-test', { metadata: { annotations: { 'helm.sh/hook': 'test' } }, spec: { containers: [{ name: 'test' }] } });
  const charts = new Map([
    ['./portal', { name: 'portal', version: '1.0.0', objects: [deployment('portal'), hook] }],
    ['./broken', { name: 'broken', version: '1.0.0', objects: [], broken: 'Error: template: broken/templates/a.yaml:1: unexpected EOF' }],
  ]);
  let made = 0;
  const [died, fate] = [new AbortController().signal, new HelmFate()];
  const helm = simulatedHelm({ cluster, charts, died, fate: fate.reached({ kill: () => undefined }) });
  return {
    helm,
    killedInstall: async (release) => {
      fate.limit({ objects: 1, dies: 'helm' });
      const installing = helm.install({ name: release, namespace: release, chart: await helm.chart({ path: './portal' }), values: [], signal: died });
      await expect(installing).rejects.toMatchObject({ reason: 'unavailable' });
      fate.limit(undefined);
    },
    killedUninstall: async (release) => {
      await helm.install({ name: release, namespace: release, chart: await helm.chart({ path: './portal' }), values: [], signal: died });
      fate.limit({ objects: 0, dies: 'helm' });
      await expect(helm.uninstall(release, release, { signal: died })).rejects.toMatchObject({ reason: 'unavailable' });
      fate.limit(undefined);
    },
    chart: { path: './portal' },
    brokenChart: { path: './broken' },
    absentChart: { path: './absent' },
    rendered: (release) => ['Deployment/portal', `Pod/${release}-test`],
    namespace: async () => {
      made += 1;
      return (await cluster.create(kinds.namespace, namespace(`prod-${made}hpwr`))).metadata.name;
    },
    installed: async (release) => {
      const kind = findKind('apps/v1', 'Deployment') ?? kinds.deployment;
      return (await cluster.list(kind, { namespace: release })).items.map(({ metadata }) => `Deployment/${metadata.name}`);
    },
    end,
  };
});
