// What the example's chart renders, read as data, by the helm that the embedded cluster brings.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readConnection } from '../../cluster/connection.ts';

interface Manifest {
  kind: string;
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> };
  spec: { type?: string; suspend?: boolean; template?: { spec: PodSpec } } & Partial<PodSpec>;
}
interface Container {
  name: string;
  image: string;
  resources: { requests: { cpu: string; memory: string } };
  securityContext: Record<string, unknown>;
  env?: { name: string; value?: string }[];
}
interface PodSpec {
  automountServiceAccountToken: boolean;
  securityContext: Record<string, unknown>;
  containers: Container[];
  initContainers?: Container[];
}

const cluster = readConnection();
if (cluster === undefined) throw new Error('the embedded cluster is not up: npm run cluster -- up');
const helm = path.join(cluster.binDir, 'helm');
const chart = fileURLToPath(new URL('../../examples/portal/chart', import.meta.url));

function run(...args: string[]) {
  return spawnSync(helm, ['template', 'prod-2hpwr', chart, '--namespace', 'prod-2hpwr', ...args], { encoding: 'utf8' });
}

function render(...settings: string[]): Manifest[] {
  const { status, stdout, stderr } = run(...settings.flatMap((setting) => ['--set', setting]));
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest | null).filter((manifest) => manifest !== null);
}

const find = (manifests: Manifest[], kind: string, name: string): Manifest | undefined =>
  manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);

const podSpecs = (manifests: Manifest[]): PodSpec[] =>
  manifests.flatMap(({ kind, spec }) => (kind === 'Pod' ? [spec as PodSpec] : spec?.template ? [spec.template.spec] : []));

describe('the chart', () => {
  test('has two public Services, the second one found by its label', () => {
    const services = render().filter(({ kind, spec }) => kind === 'Service' && spec.type === 'LoadBalancer');
    expect(services.map(({ metadata }) => metadata.name).toSorted()).toEqual(['ingress', 'search']);
    expect(find(services, 'Service', 'search')?.metadata.labels['name']).toBe('search-ingress');
  });

  test('fits Pod Security "restricted"', () => {
    const specs = podSpecs(render());
    expect(specs).toHaveLength(6);
    for (const spec of specs) {
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const { securityContext } of [...spec.containers, ...(spec.initContainers ?? [])]) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  test('asks for little: three releases fit on a small machine', () => {
    const requests = podSpecs(render()).flatMap(({ containers }) => containers.map(({ resources }) => parseInt(resources.requests.cpu, 10)));
    expect(Math.max(...requests)).toBeLessThanOrEqual(25);
  });

  test('has a loader that runs for nobody', () => {
    expect(find(render(), 'Job', 'loader')?.spec.suspend).toBe(true);
  });

  test('keeps a password that is given and makes up one that is not', () => {
    const secret = (...settings: string[]) =>
      (find(render(...settings), 'Secret', 'harvester') as unknown as { stringData: Record<string, string> }).stringData;
    expect(secret('harvester.password=known')).toEqual({ username: 'harvester', password: 'known' });
    expect(secret()['password']).toMatch(/^[A-Za-z0-9]{32}$/);
  });

  test('has objects without a namespace only when told to', () => {
    const clusterScoped = ['ClusterRole', 'StorageClass'];
    expect(render().filter(({ kind }) => clusterScoped.includes(kind))).toEqual([]);
    expect(render('clusterScoped=true').filter(({ kind }) => clusterScoped.includes(kind))).toHaveLength(2);
  });

  test('hands the bad days over to the programs', () => {
    const manifests = render('harvester.mode=forgets', 'loadSeconds=20', 'failJob=Cities of Asia', 'portal.crash=true', 'portal.image=no/such:image');
    const harvester = find(manifests, 'Deployment', 'harvester')?.spec.template?.spec.containers[0]?.env;
    expect(harvester).toEqual(
      expect.arrayContaining([
        { name: 'MODE', value: 'forgets' },
        { name: 'LOAD_SECONDS', value: '20' },
        { name: 'FAIL_JOB', value: 'Cities of Asia' },
      ]),
    );
    const portal = find(manifests, 'Deployment', 'portal')?.spec.template?.spec.containers[0];
    expect(portal?.image).toBe('no/such:image');
    expect(portal?.env).toContainEqual({ name: 'CRASH', value: 'true' });
  });

  test('refuses a value that is misspelt', () => {
    const { status, stderr } = run('--set', 'harvester.mod=html');
    expect(status).not.toBe(0);
    expect(stderr).toContain("additional properties 'mod' not allowed");
  });
});
