// The operator's questions about a release in trouble, asked of a real cluster and real name servers.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { execa } from 'execa';
import type { Diagnosis } from '../../src/diagnose/diagnosis.ts';
import { gatherDiagnosis } from '../../src/diagnose/gather.ts';
import { printDiagnosis } from '../../src/diagnose/print.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { Drivers } from '../../src/drivers/drivers.ts';
import { connectDrivers } from '../../src/drivers/registry.ts';
import { systemClock } from '../../src/run/system-clock.ts';
import { loadTestEnvironment } from '../../sim/environment.ts';
import { deployment } from '../support/objects.ts';
import { connection, connectionOptions, makeNamespace, removeNamespace } from './support/namespaces.ts';
import { exampleImage } from './support/release.ts';

const name = 'diagnose.example.test.';
let drivers: Drivers;
let release: string;
let diagnosis: Diagnosis;

const servers = () => [connection().dns.primary, connection().dns.secondary].map(({ address, port }) => `${address}:${port}`);

function environment() {
  const [server] = servers();
  return loadTestEnvironment({
    dns: [{ zone: 'example.test', name, service: 'ingress' }],
    dnsProvider: { rfc2136: { server, key: { file: connection().dns.tsigKeyFile } } },
    dnsServers: { 'example.test': servers() },
  });
}

function workload(of: string, container: object, spec: object = {}) {
  const { spec: template, ...rest } = deployment(of) as unknown as { readonly spec: { readonly template: { readonly metadata: object } } };
  const pod = { containers: [{ name: of, ...container }], terminationGracePeriodSeconds: 0, ...spec };
  return { ...deployment(of, { namespace: release }), ...rest, metadata: { name: of, namespace: release }, spec: { ...template, template: { ...template.template, spec: pod } } };
}

async function pointTo(address: string): Promise<void> {
  const { primary, tsigKeyFile } = connection().dns;
  const input = `server ${primary.address} ${primary.port}\nzone example.test.\nupdate delete ${name} A\n${address === '' ? '' : `update add ${name} 5 A ${address}\n`}send\n`;
  await execa('nsupdate', ['-k', tsigKeyFile], { input });
}

const look = (): Promise<Diagnosis> => gatherDiagnosis(drivers, { release, environment: environment(), clock: systemClock, signal: AbortSignal.timeout(60_000) });

/** Until the troubles are there to be found: the crash takes the longest. */
async function lookUntilCrashed(): Promise<Diagnosis> {
  for (;;) {
    const found = await look();
    const { troubled = [] } = found.pods ?? {};
    const isTold = troubled.some(({ logTail }) => logTail?.includes('fatal') === true) && troubled.length === 4 && found.services?.[0]?.addresses.length === 1;
    if (isTold) return found;
    await systemClock.sleep(500);
  }
}

beforeAll(async () => {
  const { kubeconfig, context } = connectionOptions();
  drivers = await connectDrivers(environment(), { kubeconfig, context });
  release = await makeNamespace(drivers.cluster, 'diagnose');
  const image = await exampleImage();
  const script = (code: string) => ({ image, command: ['node', '-e', code] });
  const service = { type: 'LoadBalancer', selector: { app: 'portal' }, ports: [{ port: 80 }] };
  await drivers.cluster.create(kinds.service, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'ingress', namespace: release }, spec: service });
  for (const object of [
    workload('huge', { image, resources: { requests: { memory: '9Ti' } } }),
    workload('picky', { image }, { nodeSelector: { disk: 'no-such-disk' } }),
    workload('absent', { image: 'registry.invalid/absent:1' }),
    workload('crashing', script("console.error('fatal: password refused'); process.exit(3)")),
    workload('well', script('setInterval(() => undefined, 1000)')),
  ]) await drivers.cluster.create(kinds.deployment, object);
  await pointTo('192.0.2.1');
  diagnosis = await lookUntilCrashed();
});

afterAll(async () => {
  await pointTo('');
  await removeNamespace(drivers.cluster, release);
});

function pod(of: string) {
  return diagnosis.pods?.troubled.find((finding) => finding.name.startsWith(of));
}

describe('a diagnosis', () => {
  test('counts all pods, and tells of those that are in trouble', () => {
    expect(diagnosis.pods?.total).toBe(5);
    expect(pod('well')).toBeUndefined();
  });

  test('tells what a pod asks, and what each node has and has left', () => {
    expect(pod('huge')).toMatchObject({ state: 'Unschedulable', nodes: expect.arrayContaining([{ name: 'node-1', against: [expect.stringMatching(/^memory: asks 9Ti, [\d.]+Gi of [\d.]+Gi are free$/)] }]) });
  });

  test('tells which label a node lacks', () => {
    expect(pod('picky')?.nodes).toContainEqual({ name: 'node-1', against: ['its labels lack disk=no-such-disk'] });
  });

  test('tells which image cannot be pulled, and why', () => {
    expect(pod('absent')?.why).toMatch(/registry\.invalid\/absent:1.*registry\.invalid/);
  });

  test('tells the exit code of a crash and its last words', () => {
    expect(pod('crashing')?.why).toContain('exit code 3');
    expect(pod('crashing')?.logTail).toContain('fatal: password refused');
  });

  test('tells the outside address of the Service, and that the name leads elsewhere on both servers', () => {
    expect(diagnosis.services).toEqual([{ name: 'ingress', type: 'LoadBalancer', addresses: [expect.stringMatching(/^\d+\./)], state: expect.any(String) }]);
    expect(diagnosis.names[0]?.servers.map(({ answer, leadsHere }) => `${answer} ${leadsHere}`)).toEqual(['A 192.0.2.1 (TTL 5 s) no', 'A 192.0.2.1 (TTL 5 s) no']);
  });

  test('tells that the name leads here once it does', async () => {
    await pointTo(diagnosis.services?.[0]?.addresses[0] ?? '');
    const { names } = await look();
    expect(names[0]?.servers[0]?.leadsHere).toBe('yes');
  });

  test('has the warnings of the cluster', () => {
    expect(diagnosis.warnings?.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['FailedScheduling', 'Failed']));
  });

  test('says that Helm does not know the release, and leaves open what else is not ready', () => {
    expect(diagnosis.unread.map(({ what }) => what)).toEqual([`what release ${release} contains`]);
    expect(diagnosis.notReady).toBeUndefined();
  });

  test('reads well in 80 columns', () => {
    const text = printDiagnosis(diagnosis, { columns: 80 });
    expect(text).toContain('Pods: 4 of 5 not running well');
    expect(text).toContain('    | fatal: password refused');
  });
});
