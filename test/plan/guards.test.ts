// Each guard, and what it says when it does not hold.

import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { evaluateGuards } from '../../src/plan/guards.ts';
import type { Observed } from '../../src/plan/observed.ts';
import { loadTestEnvironment } from '../../sim/environment.ts';
import { addressSet, environment, observed, observedName, release, service } from './observed-world.ts';

function failures(world: Observed, from = environment): readonly string[] {
  return evaluateGuards(from, world).flatMap(({ guard, reasons }) => reasons.map((reason) => `${guard}: ${reason}`));
}

const chartOf = (...rendered: readonly KubernetesObject[]): Observed['chart'] => ({
  chart: { directory: '/chart', name: 'portal', version: '1.0.0', origin: './chart', identity: 'sha256:0' },
  rendered,
  conflicts: [],
});

const live = release('prod-aaaaa', { services: [service('ingress', '192.0.2.1')] });

test('all guards hold on a healthy world, and each is listed with its name', () => {
  const labelled = { ...service('search'), metadata: { name: 'search', labels: { name: 'search-ingress' } } };
  const world = observed({
    releases: [live],
    names: [observedName('www.example.org.', [addressSet('www.example.org.', '192.0.2.1')])],
    chart: chartOf(service('ingress'), labelled),
  });
  const verdicts = evaluateGuards(environment, world);
  expect(verdicts.map(({ holds }) => holds)).not.toContain(false);
  expect(verdicts.map(({ guard }) => guard)).toContain('the right cluster');
});

describe('the right cluster', () => {
  test('is told by the context or by the cluster name', () => {
    const byContext = loadTestEnvironment({ cluster: 'kind' });
    expect(failures(observed(), byContext)).toEqual([]);
    expect(failures(observed(), environment)).toEqual([]);
  });

  test('any other is refused, with both names', () => {
    expect(failures(observed(), loadTestEnvironment({ cluster: 'other' }))).toEqual([
      'the right cluster: the environment belongs to cluster other, but this is kind / prod-cluster at https://192.0.2.1',
    ]);
  });
});

test('a permission that is missing is named', () => {
  const access = [{ question: { verb: 'create', group: 'coordination.k8s.io', resource: 'leases', namespace: 'changeover' }, allowed: false }];
  expect(failures(observed({ access }))).toEqual(['permissions are there: this account may not create leases.coordination.k8s.io in namespace changeover']);
});

test('trouble with a zone is said once, although two names share it', () => {
  const problems = ['zone example-org cannot be written: REFUSED'];
  const names = [observedName('a.', undefined, { problems }), observedName('b.', undefined, { problems })];
  expect(failures(observed({ names }))).toEqual(['zones can be read and written: zone example-org cannot be written: REFUSED']);
});

test('names that point to different releases are refused, each with what it points to', () => {
  const other = release('prod-bbbbb', { services: [service('ingress', '192.0.2.2')] });
  const names = [observedName('www.', [addressSet('www.', '192.0.2.1')]), observedName('search.', [addressSet('search.', '192.0.2.2')])];
  expect(failures(observed({ releases: [live, other], names }))).toEqual([
    'all names point to one release: www. points to prod-aaaaa',
    'all names point to one release: search. points to prod-bbbbb',
  ]);
});

describe('names that point to somebody else', () => {
  const names = [observedName('www.', [addressSet('www.', '203.0.113.9')])];

  test('are not taken over', () => {
    expect(failures(observed({ names }))[0]).toContain('www. points to A 203.0.113.9 (TTL 30 s), which belongs to no release of this environment');
  });

  test('are taken over when the configuration says so', () => {
    expect(failures(observed({ names }), loadTestEnvironment({ swap: { replaceForeign: true } }))).toEqual([]);
  });
});

describe('Services that the names need', () => {
  test('must be in the chart, by name or label', () => {
    expect(failures(observed({ chart: chartOf(service('web')) }))).toEqual([
      'the chart has the Services that the names need: the chart has no Service named or labelled ingress; it has web',
      'the chart has the Services that the names need: the chart has no Service named or labelled search-ingress; it has web',
    ]);
  });

  test('must be of type LoadBalancer', () => {
    const internal: KubernetesObject = { ...service('ingress'), spec: { type: 'ClusterIP' } };
    expect(failures(observed({ chart: chartOf(internal, service('search-ingress')) }))).toEqual([
      'the chart has the Services that the names need: Service ingress is of type ClusterIP: a public name needs type LoadBalancer',
    ]);
  });
});

test('a cluster-scoped object of a fixed name that another release owns is named, with what to do', () => {
  const chart = chartOf(service('ingress'), service('search-ingress'));
  const conflicts = [{ object: 'ClusterRole portal', owner: 'release prod-aaaaa in namespace prod-aaaaa' }];
  const [failure] = failures(observed({ chart: chart === undefined ? undefined : { ...chart, conflicts } }));
  expect(failure).toContain('ClusterRole portal has a fixed name and belongs to release prod-aaaaa in namespace prod-aaaaa: give it a name with {{ .Release.Name }}');
});
