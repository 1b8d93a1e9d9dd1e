// The wait for a release on a real cluster: what comes up is seen, and what cannot come up is told early and in the right words.

import { beforeAll, describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { deployment, job, service } from '../support/objects.ts';
import { exampleImage } from './support/release.ts';
import { waitForRelease, type Waited } from './support/waiting-release.ts';

const dns = [{ zone: 'example.test', name: 'ready.example.test', service: 'ingress' }];
let image: string;

beforeAll(async () => {
  image = await exampleImage();
});

interface PodParts {
  readonly script?: string;
  readonly image?: string;
  readonly requests?: Readonly<Record<string, string>>;
  readonly spec?: object;
}

/** A Deployment or Job whose one container runs a script in the image of the example. */
function running(workload: KubernetesObject, parts: PodParts): KubernetesObject {
  const name = workload.metadata.name;
  const { template, ...spec } = workload['spec'] as { readonly template: { readonly metadata: object; readonly spec: object } };
  const container = {
    name,
    image: parts.image ?? image,
    command: ['node', '-e', parts.script ?? 'setInterval(() => undefined, 1000)'],
    resources: { requests: parts.requests ?? {} },
    ...(name === 'portal' && { readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 } }),
  };
  return { ...workload, spec: { ...spec, template: { ...template, spec: { ...template.spec, terminationGracePeriodSeconds: 0, containers: [container], ...parts.spec } } } };
}

const portal = (replicas = 1): KubernetesObject => running(deployment('portal', { replicas }), { script: "require('http').createServer((_, answer) => answer.end('Welcome')).listen(8080)" });

function ingress(annotations: Readonly<Record<string, string>> = {}): KubernetesObject {
  const spec = { type: 'LoadBalancer', selector: { app: 'portal' }, ports: [{ port: 80, targetPort: 8080 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'ingress', annotations }, spec };
}

const quota: KubernetesObject = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small' }, spec: { hard: { pods: '1' } } };

function claim(name: string, storageClassName?: string): KubernetesObject {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } }, ...(storageClassName !== undefined && { storageClassName }) };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec };
}

function using(claimName: string): PodParts {
  return { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] } };
}

async function failureOf(objects: readonly KubernetesObject[], more: Omit<Parameters<typeof waitForRelease>[0], 'objects'> = {}): Promise<Waited & { readonly facts: NonNullable<Waited['failure']>['facts'] }> {
  const waited = await waitForRelease({ objects, configuration: { dns }, ...more });
  if (waited.failure === undefined) throw new Error('it became ready');
  return { ...waited, facts: waited.failure.facts };
}

describe.concurrent('on a real cluster', () => {
  test('a release comes up: it answers at the address that is handed on, after few requests', async () => {
    const objects = [portal(2), ingress(), running(deployment('worker'), using('data')), claim('data'), running(job('migrate'), { script: '' }), job('load', { suspend: true })];
    const { result, failure, requests } = await waitForRelease({ objects, configuration: { dns } });
    expect(failure).toBeUndefined();
    const [address] = result?.addresses['ready.example.test']?.A ?? [];
    expect(await (await fetch(`http://${address}/`)).text()).toBe('Welcome');
    expect(requests).toBeLessThan(40);
  });

  test('an image that no registry has', async () => {
    const { facts, durationMs } = await failureOf([portal(), ingress(), running(deployment('reports'), { image: 'registry.invalid/reports:1' })]);
    expect(facts.summary).toMatch(/^Pod reports-\S+: image registry\.invalid\/reports:1 of container reports: (ErrImagePull|ImagePullBackOff) \(.*registry\.invalid/);
    expect(durationMs).toBeLessThan(75_000);
  });

  test('an image name that is none', async () => {
    const { facts, durationMs } = await failureOf([running(deployment('reports'), { image: 'UPPER:bad::1' })]);
    expect(facts).toMatchObject({ reason: 'InvalidImageName', object: expect.stringMatching(/^Pod drivers-ready-\S+\/reports-/) });
    expect(durationMs).toBeLessThan(20_000);
  });

  test('a crash loop, with the last lines of the log', async () => {
    const { facts, durationMs } = await failureOf([running(deployment('database'), { script: "console.error('fatal: password refused'); process.exit(3)" })]);
    expect(facts.reason).toBe('CrashLoopBackOff');
    expect(facts.summary).toMatch(/^Pod database-\S+: container database crashes: \d restarts, last with exit code 3$/);
    expect(facts.logTail).toContain('fatal: password refused');
    expect(durationMs).toBeLessThan(80_000);
  });

  test('a pod too big for every node', async () => {
    const { facts, durationMs } = await failureOf([running(deployment('reports'), { requests: { memory: '9Ti' } })]);
    expect(facts.summary).toMatch(/^Pod reports-\S+: no node can ever run it: node-1.*memory: asks 9Ti, it has [\d.]+Gi/);
    expect(durationMs).toBeLessThan(45_000);
  });

  test('a load balancer that never gets an address', async () => {
    const { facts } = await failureOf([portal(), ingress({ 'changeover.test/load-balancer': 'none' })], { configuration: { dns, readiness: { timeout: '10s' } } });
    expect(facts).toMatchObject({ reason: 'NoAddress', object: expect.stringMatching(/^Service \S+\/ingress$/) });
    expect(facts.summary).toContain('still awaited: Service ingress: its load balancer has no address yet');
  });

  test('a quota that is used up', async () => {
    const { facts, durationMs } = await failureOf([quota, portal(2)]);
    expect(facts.reason).toBe('QuotaExceeded');
    expect(facts.summary).toMatch(/^Deployment portal: its pods cannot be created: pods "\S+" is forbidden: exceeded quota: small/);
    expect(durationMs).toBeLessThan(20_000);
  });

  test('Pod Security that refuses the pods', async () => {
    const { facts, durationMs } = await failureOf([portal()], { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } });
    expect(facts.reason).toBe('PodSecurity');
    expect(durationMs).toBeLessThan(20_000);
  });

  test('a volume of a storage class that does not exist', async () => {
    const { facts, durationMs } = await failureOf([claim('data', 'no-such-class'), running(deployment('worker'), using('data'))]);
    expect(facts.summary).toBe('PersistentVolumeClaim data: it cannot be bound: storageclass.storage.k8s.io "no-such-class" not found');
    expect(durationMs).toBeLessThan(30_000);
  });

  test('a Job that fails, with the last lines of the log', async () => {
    const { facts, durationMs } = await failureOf([running(job('migrate', { backoffLimit: 0 }), { script: "console.log('relation users does not exist'); process.exit(1)" })]);
    expect(facts).toMatchObject({ reason: 'BackoffLimitExceeded', object: expect.stringMatching(/^Job \S+\/migrate$/) });
    expect(facts.logTail).toContain('relation users does not exist');
    expect(durationMs).toBeLessThan(45_000);
  });

  test('a public name for a Service that is no load balancer', async () => {
    const { facts, durationMs } = await failureOf([service('ingress', { type: 'ClusterIP' })]);
    expect(facts.reason).toBe('NotALoadBalancer');
    expect(durationMs).toBeLessThan(5_000);
  });
});
