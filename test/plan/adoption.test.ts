// Which releases may be taken over, as what, and why others may not. Told by labels, Helm and DNS, never by a name alone.

import { describe, expect, test } from 'vitest';
import { adoptionPatch, judgeAdoption, undoPatch, type Adoption, type Candidate } from '../../src/plan/adoption.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { deployment, job, namespace, object, service, statefulSet } from '../support/objects.ts';
import { addressSet, environment, observedName, service as balancer } from './observed-world.ts';

const helm = { 'meta.helm.sh/release-name': 'portal', 'meta.helm.sh/release-namespace': 'portal-abcde' };
const owned = (made: KubernetesObject): KubernetesObject => ({ ...made, metadata: { ...made.metadata, annotations: helm } });

const www = observedName('www.example.org.', [addressSet('www.example.org.', '192.0.2.1')]);
const search = observedName('search.second.org.', [addressSet('search.second.org.', '192.0.2.1')], { service: 'search' });
const away = observedName('search.second.org.', [addressSet('search.second.org.', '203.0.113.9')], { service: 'search' });
const ours = { 'app.kubernetes.io/managed-by': 'changeover', 'changeover.dev/environment': 'prod' };

function candidate(more: Partial<Candidate> = {}): Candidate {
  return {
    name: 'portal-abcde',
    namespace: namespace('portal-abcde', { uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z' }),
    helmReleases: [{ name: 'portal', namespace: 'portal-abcde', status: 'deployed', revision: 3 }],
    objects: [owned(balancer('ingress', '192.0.2.1')), owned(balancer('search', '192.0.2.1')), owned(deployment('web'))],
    names: [www, search],
    ...more,
  };
}

const adoption = (more?: Partial<Candidate>): Adoption | undefined => {
  const verdict = judgeAdoption(candidate(more), environment);
  return 'adoption' in verdict ? verdict.adoption : undefined;
};
const refusals = (more: Partial<Candidate>): readonly string[] => {
  const verdict = judgeAdoption(candidate(more), environment);
  return 'refusals' in verdict ? verdict.refusals : [];
};

describe('a release of one Helm release, in a namespace of its own', () => {
  test('that all names point to becomes live, under Helm’s name for it', () => {
    expect(adoption()).toEqual({ name: 'portal-abcde', uid: 'u1', helmRelease: 'portal', state: 'live', isDone: false, warnings: [] });
  });

  test('that no name points to becomes a previous one', () => {
    expect(adoption({ names: [observedName('www.example.org.', [addressSet('www.example.org.', '203.0.113.9')]), away] })?.state).toBe('previous');
  });

  test('is live also while one of the names does not exist yet', () => {
    expect(adoption({ names: [www, observedName('new.example.org.', [])] })?.state).toBe('live');
  });

  test('that lacks a Service of the names is taken over all the same, and that is told', () => {
    const without = candidate().objects.filter(({ metadata }) => metadata.name !== 'search');
    expect(adoption({ objects: without })?.warnings).toEqual(['it has no Service named or labelled search: a rollback to it will not be possible']);
  });

  test('whose last upgrade failed is taken over, and that is told', () => {
    expect(adoption({ helmReleases: [{ name: 'portal', namespace: 'portal-abcde', status: 'failed', revision: 4 }] })?.warnings).toEqual(['Helm release portal is in state failed']);
  });

  test('that was adopted before is done already', () => {
    const done = namespace('portal-abcde', { uid: 'u1', labels: ours, annotations: { 'changeover.dev/adopted': '{}' } });
    expect(adoption({ namespace: done })?.isDone).toBe(true);
  });
});

describe('refused is', () => {
  test.each([
    ['a namespace that is not there', { namespace: undefined }, 'there is no namespace portal-abcde'],
    ['kube-system', { name: 'kube-system', namespace: namespace('kube-system', { uid: 'u' }) }, 'namespace kube-system belongs to Kubernetes itself'],
    ['the default namespace', { name: 'default', namespace: namespace('default', { uid: 'u' }) }, 'namespace default belongs to Kubernetes itself'],
    ['the runner’s own', { name: 'changeover', namespace: namespace('changeover', { uid: 'u' }) }, "namespace changeover is the runner's own"],
    ['another environment’s', { namespace: namespace('portal-abcde', { uid: 'u', labels: { ...ours, 'changeover.dev/environment': 'test' } }) }, 'namespace portal-abcde belongs to environment test'],
    ['what a run has created', { namespace: namespace('portal-abcde', { uid: 'u', labels: ours }) }, 'namespace portal-abcde is a release of this environment already'],
    ['what is being deleted', { namespace: namespace('portal-abcde', { uid: 'u', deletionTimestamp: '2026-01-01T00:00:00Z' }) }, 'namespace portal-abcde is being deleted'],
    ['what Helm does not know', { helmReleases: [] }, 'Helm knows no release in namespace portal-abcde: there would be nothing to uninstall it by'],
    ['what Helm is just installing', { helmReleases: [{ name: 'portal', namespace: 'portal-abcde', status: 'pending-upgrade', revision: 2 }] }, 'Helm release portal is in state pending-upgrade'],
    ['what only some of the names point to', { names: [www, away] }, 'only some of the names point to portal-abcde: www.example.org. to portal-abcde, search.second.org. elsewhere'],
    ['what is not known of a name', { names: [www, observedName('search.second.org.', undefined, { problems: ['time-out'] })] }, 'search.second.org. could not be read: time-out'],
  ])('%s', (_, more, expected) => {
    expect(refusals(more)).toEqual([expected]);
  });

  test('a namespace with several Helm releases, naming them', () => {
    const more = [{ name: 'portal', namespace: 'portal-abcde', status: 'deployed', revision: 1 }, { name: 'monitoring', namespace: 'portal-abcde', status: 'deployed', revision: 1 }];
    expect(refusals({ helmReleases: more })[0]).toContain('has 2 Helm releases: portal, monitoring');
  });
});

describe('what lies in the namespace and is not of the release', () => {
  const found = (...more: readonly KubernetesObject[]) => refusals({ objects: [...candidate().objects, ...more] }).map((text) => /^\S+ \S+/.exec(text)?.[0]);
  const made = (kind: string, name: string, owner: string) => object(`v1 ${kind}`, name, { metadata: { ownerReferences: [{ kind: owner, name: 'x', uid: 'x', controller: true }] } });

  test('is named, each object by itself', () => {
    const others = { ...deployment('database'), metadata: { name: 'database', annotations: { ...helm, 'meta.helm.sh/release-name': 'other' } } };
    expect(found(deployment('by-hand'), object('v1 PersistentVolumeClaim', 'data'), service('theirs'), others)).toEqual([
      'Deployment by-hand',
      'PersistentVolumeClaim data',
      'Service theirs',
      'Deployment database',
    ]);
  });

  test('is not what controllers have made of the release, nor its hooks', () => {
    const hook = object('v1 Pod', 'test', { metadata: { annotations: { 'helm.sh/hook': 'test' } } });
    expect(found(made('Pod', 'web-1', 'ReplicaSet'), made('Job', 'nightly-1', 'CronJob'), hook)).toEqual([]);
  });

  test('is not the claim of a StatefulSet, but any other claim', () => {
    const set = owned(statefulSet('db'));
    expect(found(set, object('v1 PersistentVolumeClaim', 'data-db-0'), object('v1 PersistentVolumeClaim', 'data-db-0-old'))).toEqual(['PersistentVolumeClaim data-db-0-old']);
  });

  test('is not what has run to its end, but what still runs', () => {
    const ended = { ...job('harvest-1'), status: { conditions: [{ type: 'Complete', status: 'True' }] } };
    expect(found(ended, { ...object('v1 Pod', 'done'), status: { phase: 'Succeeded' } }, job('harvest-2'))).toEqual(['Job harvest-2']);
  });
});

describe('what is written on the namespace', () => {
  const at = '2026-03-01T00:00:00.000Z';
  const terraform = namespace('portal-abcde', { uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { 'app.kubernetes.io/managed-by': 'terraform' } });
  const base: Adoption = { name: 'portal-abcde', uid: 'u1', helmRelease: 'portal', state: 'live', isDone: false, warnings: [] };

  test('is one patch of this very namespace: label, state, since when, and Helm’s name where it is another', () => {
    expect(adoptionPatch(base, { environment: 'prod', at, epoch: 4, namespace: terraform })).toEqual({
      metadata: {
        uid: 'u1',
        labels: ours,
        annotations: {
          'changeover.dev/state': 'live',
          'changeover.dev/epoch': '4',
          'changeover.dev/live-since': at,
          'changeover.dev/adopted': '{"at":"2026-03-01T00:00:00.000Z","managedBy":"terraform"}',
          'changeover.dev/helm-release': 'portal',
        },
      },
    });
  });

  test('of a previous one says that it was live long ago, so that a rollback prefers whatever was live later', () => {
    const patch = adoptionPatch({ ...base, state: 'previous', helmRelease: 'portal-abcde' }, { environment: 'prod', at, epoch: 4, namespace: terraform });
    expect(patch).toMatchObject({ metadata: { annotations: { 'changeover.dev/live-since': '2026-01-01T00:00:00Z' } } });
    expect(JSON.stringify(patch)).not.toContain('helm-release');
  });

  test('is taken back whole: what was there before stands again', () => {
    const adopted = namespace('portal-abcde', { uid: 'u1', labels: ours, annotations: { 'changeover.dev/adopted': JSON.stringify({ at, managedBy: 'terraform' }) } });
    expect(undoPatch(adopted)).toMatchObject({ metadata: { uid: 'u1', labels: { 'app.kubernetes.io/managed-by': 'terraform', 'changeover.dev/environment': null }, annotations: { 'changeover.dev/state': null, 'changeover.dev/adopted': null } } });
    expect(undoPatch(terraform)).toBeUndefined();
  });
});
