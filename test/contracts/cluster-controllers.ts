// What a cluster's controllers make of workloads, real or simulated: the statuses, conditions, Events and logs that changeover reads.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import { kinds, type Kind, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { object, podTemplate } from '../support/objects.ts';
import { rejection } from './cluster-objects.ts';
import { conditionOf, conditions, hasEnded, isOf, isReady, owner, statusOf, until, untilNone } from './cluster-statuses.ts';

export interface ControlledCluster {
  readonly cluster: Cluster;
  /** Makes one that is empty, and of this suite alone. */
  makeNamespace(): Promise<string>;
  /** A ResourceQuota called `pods` leaves no room for a pod in this namespace, from now on. */
  refusePods(namespace: string): Promise<void>;
  /** Has Node: its containers do what their command says. A simulated cluster goes by `outcomes` instead. */
  readonly image: string;
  end(): Promise<void>;
}

/** What becomes of the workloads of this suite, for a cluster that runs nothing; everything else goes well. */
export const outcomes = {
  'Deployment/absent': { outcome: 'imagePull' },
  'Deployment/crashing': { outcome: 'crashLoop', log: 'no such table' },
  'Job/bad': { outcome: 'fails', exitCode: 3 },
  'Job/good': { log: 'first\nsecond' },
  'Pod/evicted': { outcome: 'never', evictedAfterMs: 2_000 },
} as const;

const serves = "require('node:http').createServer((_, answer) => answer.end('Welcome')).listen(8080)";
const writes = "require('node:fs').writeFileSync('/data/large', Buffer.alloc(3 << 20)); setInterval(() => {}, 1000)";

/** `make` is called once; the account may do everything. Everything is made at once, so that its ends are awaited side by side. */
export function clusterControllersContract(name: string, make: () => Promise<ControlledCluster>): void {
  describe(`${name} keeps the contract of controllers`, () => {
    let made: Workloads;
    beforeAll(async () => {
      made = await makeWorkloads(await make());
    });
    afterAll(() => made.end());

    const given = (): Workloads => made;
    deployments(given);
    jobs(given);
    logs(given);
    services(given);
    room(given);
    namespaces(given);
  });
}

interface Workloads extends ControlledCluster {
  readonly namespace: string;
  readonly small: string;
  readonly doomed: string;
}

type Given = () => Workloads;

async function makeWorkloads(made: ControlledCluster): Promise<Workloads> {
  const { cluster, image } = made;
  const [namespace = '', small = '', doomed = ''] = await Promise.all(['main', 'small', 'doomed'].map(() => made.makeNamespace()));
  const running = (app: string, more: object = {}): object => ({ name: app, image, imagePullPolicy: 'Never', command: ['node', '-e', 'setInterval(() => {}, 1000)'], ...more });
  const create = (kind: Kind, place: string, wanted: KubernetesObject): Promise<KubernetesObject> => cluster.create(kind, { ...wanted, metadata: { ...wanted.metadata, namespace: place } });
  await made.refusePods(small);
  const script = (text: string): object => ({ command: ['node', '-e', text] });
  await Promise.all([
    create(kinds.deployment, namespace, deployment('web', running('web', { ...script(serves), readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 } }))),
    create(kinds.deployment, namespace, deployment('absent', running('absent', { image: 'nowhere.test/absent:1', imagePullPolicy: 'IfNotPresent' }))),
    create(kinds.deployment, namespace, deployment('crashing', running('crashing', script("console.log('no such table'); process.exitCode = 1")))),
    create(kinds.deployment, small, deployment('refused', running('refused'))),
    create(kinds.deployment, doomed, deployment('web', running('web'))),
    create(kinds.job, namespace, job('good', running('good', script("console.log('first'); setTimeout(() => console.log('second'), 1000)")))),
    create(kinds.job, namespace, job('bad', running('bad', script('process.exit(3)')))),
    create(kinds.service, namespace, object('v1 Service', 'ingress', { spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] } })),
    create(kinds.persistentVolumeClaim, namespace, object('v1 PersistentVolumeClaim', 'data', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } })),
    create(kinds.pod, namespace, pod('using', { containers: [running('using')], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] })),
    create(kinds.pod, namespace, pod('evicted', { containers: [running('evicted', { ...script(writes), volumeMounts: [{ name: 'data', mountPath: '/data' }] })], volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Mi' } }] })),
  ]);
  return { ...made, namespace, small, doomed };
}

function deployment(name: string, container: object): KubernetesObject {
  return object('apps/v1 Deployment', name, { spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: { ...podTemplate(name), spec: { terminationGracePeriodSeconds: 0, containers: [container] } } } });
}

function job(name: string, container: object): KubernetesObject {
  return object('batch/v1 Job', name, { spec: { backoffLimit: 0, template: { ...podTemplate(name), spec: { restartPolicy: 'Never', containers: [container] } } } });
}

function pod(name: string, spec: object): KubernetesObject {
  return object('v1 Pod', name, { spec: { terminationGracePeriodSeconds: 0, ...spec } });
}


function deployments(given: Given): void {
  it('a Deployment becomes ready, by a ReplicaSet with a pod', async () => {
    const { cluster, namespace } = given();
    const ready = await until({ cluster, kind: kinds.deployment, namespace, name: 'web' }, (found) => conditionOf(found, 'Progressing')?.reason === 'NewReplicaSetAvailable');
    expect(statusOf(ready)).toMatchObject({ observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 });
    expect(statusOf(ready)).not.toHaveProperty('unavailableReplicas');
    expect(conditions(ready)).toEqual(['Available=True MinimumReplicasAvailable', 'Progressing=True NewReplicaSetAvailable']);
    const set = await until({ cluster, kind: kinds.replicaSet, namespace }, (found) => isOf('web')(found) && statusOf(found)['readyReplicas'] === 1);
    expect(owner(set)).toBe('Deployment/web');
    expect(statusOf(set)).toMatchObject({ observedGeneration: 1, replicas: 1, fullyLabeledReplicas: 1, readyReplicas: 1, availableReplicas: 1 });
    const web = await until({ cluster, kind: kinds.pod, namespace }, (found) => isOf('web')(found) && isReady(found));
    expect(owner(web)).toBe(`ReplicaSet/${set.metadata.name}`);
    expect(conditions(web)).toEqual(['ContainersReady=True', 'Initialized=True', 'PodReadyToStartContainers=True', 'PodScheduled=True', 'Ready=True']);
    const container = { name: 'web', ready: true, started: true, restartCount: 0, state: { running: { startedAt: expect.any(String) } }, lastState: {} };
    expect(statusOf(web)).toMatchObject({ phase: 'Running', podIP: expect.any(String), startTime: expect.any(String), containerStatuses: [container] });
  });

  it('without its image, the pod says what it waits for, the Deployment how many are missing, and an Event why', async () => {
    const { cluster, namespace } = given();
    const absent = await until({ cluster, kind: kinds.pod, namespace }, (found) => isOf('absent')(found) && waitingFor(found) === 'ImagePullBackOff');
    expect(statusOf(absent)).toMatchObject({ phase: 'Pending', containerStatuses: [{ name: 'absent', ready: false, started: false, restartCount: 0, state: { waiting: { message: expect.stringContaining('nowhere.test/absent:1') } } }] });
    expect(conditions(absent)).toEqual(['ContainersReady=False ContainersNotReady', 'Initialized=True', 'PodReadyToStartContainers=True', 'PodScheduled=True', 'Ready=False ContainersNotReady']);
    expect(conditionOf(absent, 'Ready')?.message).toBe('containers with unready status: [absent]');
    const found = await until({ cluster, kind: kinds.deployment, namespace, name: 'absent' }, (one) => statusOf(one)['unavailableReplicas'] === 1);
    expect(conditions(found)).toEqual(['Available=False MinimumReplicasUnavailable', 'Progressing=True ReplicaSetUpdated']);
    expect(statusOf(found)).toMatchObject({ replicas: 1, updatedReplicas: 1, unavailableReplicas: 1 });
    expect(statusOf(found)).not.toHaveProperty('readyReplicas');
    const isTheReason = (event: KubernetesObject): boolean => event['reason'] === 'Failed' && String(event['message']).startsWith('Failed to pull image "nowhere.test/absent:1"');
    expect(await until({ cluster, kind: kinds.event, namespace }, isTheReason)).toMatchObject({ type: 'Warning', involvedObject: { kind: 'Pod', name: absent.metadata.name, uid: absent.metadata.uid } });
  });

  it('a container that ends again and again is told with its last end, and what it said before it is kept', async () => {
    const { cluster, namespace } = given();
    const crashing = await until({ cluster, kind: kinds.pod, namespace }, (found) => isOf('crashing')(found) && waitingFor(found) === 'CrashLoopBackOff');
    const lastState = { terminated: { exitCode: 1, reason: 'Error', finishedAt: expect.any(String) } };
    expect(statusOf(crashing)).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: false, started: false, restartCount: expect.any(Number), lastState }] });
    expect(conditionOf(crashing, 'Ready')).toMatchObject({ status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [crashing]' });
    const log = { kind: kinds.pod, name: crashing.metadata.name, namespace };
    expect(await cluster.logs(log, { tailLines: 5, previous: true })).toBe('no such table\n');
  });
}

interface ContainerStatus {
  readonly state: { readonly waiting?: { readonly reason: string } };
}

function waitingFor(found: KubernetesObject): string | undefined {
  const [first] = (statusOf(found)['containerStatuses'] ?? []) as readonly ContainerStatus[];
  return first?.state.waiting?.reason;
}

function jobs(given: Given): void {
  it('a Job whose container ends well succeeds', async () => {
    const { cluster, namespace } = given();
    const good = await until({ cluster, kind: kinds.job, namespace, name: 'good' }, (found) => conditionOf(found, 'Complete') !== undefined);
    expect(conditions(good)).toEqual(['Complete=True CompletionsReached', 'SuccessCriteriaMet=True CompletionsReached']);
    expect(statusOf(good)).toMatchObject({ succeeded: 1, startTime: expect.any(String), completionTime: expect.any(String) });
    expect(statusOf(good)).not.toHaveProperty('failed');
    expect(statusOf(good)).not.toHaveProperty('active');
    const ended = await until({ cluster, kind: kinds.pod, namespace }, (found) => isOf('good')(found) && hasEnded(found));
    expect(owner(ended)).toBe('Job/good');
    expect(ended.metadata.labels).toMatchObject({ 'batch.kubernetes.io/job-name': 'good', 'job-name': 'good' });
    expect(statusOf(ended)).toMatchObject({ phase: 'Succeeded', containerStatuses: [{ ready: false, started: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } }] });
    expect(conditionOf(ended, 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' });
  });

  it('one whose container ends badly fails, with both conditions and the exit code', async () => {
    const { cluster, namespace } = given();
    const bad = await until({ cluster, kind: kinds.job, namespace, name: 'bad' }, (found) => conditionOf(found, 'Failed') !== undefined);
    expect(conditions(bad)).toEqual(['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded'].toSorted());
    expect(conditionOf(bad, 'Failed')?.message).toBe('Job has reached the specified backoff limit');
    expect(statusOf(bad)).toMatchObject({ failed: 1, startTime: expect.any(String) });
    for (const absent of ['succeeded', 'active', 'completionTime']) expect(statusOf(bad)).not.toHaveProperty(absent);
    const ended = await until({ cluster, kind: kinds.pod, namespace }, (found) => isOf('bad')(found) && hasEnded(found));
    expect(statusOf(ended)).toMatchObject({ phase: 'Failed', containerStatuses: [{ ready: false, started: false, state: { terminated: { exitCode: 3, reason: 'Error' } } }] });
    expect(conditionOf(ended, 'Ready')).toMatchObject({ status: 'False', reason: 'PodFailed' });
  });
}

function logs(given: Given): void {
  const podOf = (app: string, isSo: (found: KubernetesObject) => boolean): Promise<KubernetesObject> => {
    const { cluster, namespace } = given();
    return until({ cluster, kind: kinds.pod, namespace }, (found) => isOf(app)(found) && isSo(found));
  };

  it('a log is followed from its beginning to the end of its container, each line with its time, and its tail read', async () => {
    const { cluster, namespace } = given();
    const { metadata } = await podOf('good', hasEnded);
    const lines = [];
    for await (const line of cluster.followLog({ namespace, pod: metadata.name }, { container: 'good', signal: AbortSignal.timeout(30_000) })) lines.push(line);
    expect(lines.map(({ text }) => text)).toEqual(['first', 'second']);
    expect(lines.every(({ at }) => Date.parse(at) >= Date.parse(metadata.creationTimestamp ?? ''))).toBe(true);
    expect(await cluster.logs({ kind: kinds.pod, name: metadata.name, namespace }, { tailLines: 1 })).toBe('second\n');
  });

  it('there is none of a container that has not started, nor of one before the first', async () => {
    const { cluster, namespace } = given();
    const [{ metadata: absent }, { metadata: good }] = await Promise.all([podOf('absent', (found) => statusOf(found)['containerStatuses'] !== undefined), podOf('good', hasEnded)]);
    expect(await rejection(cluster.logs({ kind: kinds.pod, name: absent.name, namespace }, { tailLines: 1 }))).toBe('invalid');
    expect(await rejection(cluster.logs({ kind: kinds.pod, name: good.name, namespace }, { tailLines: 1, previous: true }))).toBe('invalid');
  });
}

function services(given: Given): void {
  it('a LoadBalancer Service gets an address, and an EndpointSlice with the ready pod', async () => {
    const { cluster, namespace } = given();
    const hasAddress = (found: KubernetesObject): boolean => (statusOf(found)['loadBalancer'] as { readonly ingress?: readonly object[] }).ingress !== undefined;
    const ingress = await until({ cluster, kind: kinds.service, namespace, name: 'ingress' }, hasAddress);
    expect(ingress['status']).toMatchObject({ loadBalancer: { ingress: [{ ip: expect.stringMatching(/^[\d.]+$/) }] } });
    expect(ingress['spec']).toMatchObject({ clusterIP: expect.stringMatching(/^[\d.]+$/) });
    const endpointsOf = (found: KubernetesObject) => (found['endpoints'] ?? []) as readonly { readonly conditions: { readonly ready: boolean } }[];
    const slice = await until({ cluster, kind: kinds.endpointSlice, namespace }, (found) => endpointsOf(found).some(({ conditions: { ready } }) => ready));
    expect(owner(slice)).toBe('Service/ingress');
    expect(slice.metadata.labels).toMatchObject({ 'kubernetes.io/service-name': 'ingress' });
    const web = await until({ cluster, kind: kinds.pod, namespace }, isOf('web'));
    const endpoint = { addresses: [statusOf(web)['podIP']], conditions: { ready: true, serving: true, terminating: false }, targetRef: { kind: 'Pod', name: web.metadata.name, namespace, uid: web.metadata.uid } };
    expect(slice).toMatchObject({ addressType: 'IPv4', endpoints: [endpoint], ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] });
  });
}

function room(given: Given): void {
  it('a ResourceQuota refuses a pod: the ReplicaSet, its Deployment and an Event say so in the server’s words', async () => {
    const { cluster, small } = given();
    const refusal = /^pods "refused-[a-z0-9]+-[a-z0-9]{5}" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=\d, limited: pods=\d$/;
    const isRefused = (found: KubernetesObject): boolean => conditionOf(found, 'ReplicaFailure') !== undefined;
    for (const kind of [kinds.replicaSet, kinds.deployment]) {
      const found = await until({ cluster, kind, namespace: small }, isRefused);
      expect(conditionOf(found, 'ReplicaFailure')).toMatchObject({ status: 'True', reason: 'FailedCreate', message: expect.stringMatching(refusal) });
      expect(statusOf(found)).not.toHaveProperty('readyReplicas');
    }
    const event = await until({ cluster, kind: kinds.event, namespace: small }, (found) => found['reason'] === 'FailedCreate');
    expect(event).toMatchObject({ type: 'Warning', involvedObject: { kind: 'ReplicaSet' } });
    expect(String(event['message']).replace(/^Error creating: /, '')).toMatch(refusal);
  });

  it('a claim is bound for the pod that uses it, which then runs', async () => {
    const { cluster, namespace } = given();
    const claim = await until({ cluster, kind: kinds.persistentVolumeClaim, namespace, name: 'data' }, (found) => statusOf(found)['phase'] === 'Bound');
    expect(claim.metadata.finalizers).toContain('kubernetes.io/pvc-protection');
    expect(statusOf(claim)).toMatchObject({ accessModes: ['ReadWriteOnce'], capacity: { storage: '1Mi' } });
    await until({ cluster, kind: kinds.pod, namespace, name: 'using' }, isReady);
  });

  it('a pod that takes more than it may is evicted: it has failed, by the kubelet, and stays', async () => {
    const { cluster, namespace } = given();
    const evicted = await until({ cluster, kind: kinds.pod, namespace, name: 'evicted' }, hasEnded);
    expect(statusOf(evicted)).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: expect.stringMatching(/./) });
    expect(conditionOf(evicted, 'Ready')).toMatchObject({ status: 'False', reason: 'PodFailed' });
  });
}

function namespaces(given: Given): void {
  it('a namespace goes with all that is in it, and takes nothing new meanwhile', async () => {
    const { cluster, doomed } = given();
    await until({ cluster, kind: kinds.pod, namespace: doomed }, isReady);
    const found = await cluster.get({ kind: kinds.namespace, name: doomed });
    await cluster.delete({ kind: kinds.namespace, name: doomed }, found?.metadata.uid ?? '');
    expect(await cluster.get({ kind: kinds.namespace, name: doomed })).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) }, status: { phase: 'Terminating' } });
    expect(await rejection(cluster.create(kinds.configMap, object('v1 ConfigMap', 'late', { namespace: doomed })))).toBe('forbidden');
    await Promise.all([kinds.pod, kinds.deployment, kinds.serviceAccount].map((kind) => untilNone({ cluster, kind, namespace: doomed })));
  });
}
