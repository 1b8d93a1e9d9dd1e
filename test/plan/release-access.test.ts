// The rights that a runner gives itself and Helm in a release, and the questions that it asks beforehand.

import { describe, expect, test } from 'vitest';
import { describeAccess, neededAccess, usefulAccess } from '../../src/plan/access.ts';
import { describeReleaseAccess, releaseAccess } from '../../src/plan/release-access.ts';
import { loadTestEnvironment } from '../../sim/environment.ts';

const environment = loadTestEnvironment({ runner: { namespace: 'builder' } });
const chart = environment.release.chart;
const outside = { ...environment, release: { ...environment.release, chart, permissions: { namespaced: [], cluster: [{ apiGroups: ['storage.k8s.io'], resources: ['storageclasses'] }] } } };
const release = { name: 'prod-2hpwr', namespaceUid: 'uid-1' };
const labels = { 'app.kubernetes.io/managed-by': 'changeover', 'changeover.dev/environment': 'prod' };

describe('in a release', () => {
  test('the installer’s role is bound to the installer, the runner’s to the runner, and nothing else to anybody', () => {
    expect(releaseAccess(release, environment).bindings.map(({ object }) => object)).toEqual([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'changeover-installer', namespace: 'prod-2hpwr', labels },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'changeover-prod-installer' },
        subjects: [{ kind: 'ServiceAccount', name: 'changeover-installer', namespace: 'prod-2hpwr' }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'changeover-runner', namespace: 'prod-2hpwr', labels },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'changeover-prod-release' },
        subjects: [{ kind: 'ServiceAccount', name: 'changeover-prod', namespace: 'builder' }],
      },
    ]);
  });

  test('the account of Helm has no annotations: one could make it somebody outside of the cluster', () => {
    expect(releaseAccess(release, environment).account).toEqual({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'changeover-installer', namespace: 'prod-2hpwr', labels },
    });
  });

  test('a binding outside of it exists only where the configuration lists rights there, and goes with the namespace', () => {
    expect(releaseAccess(release, environment).bindings).toHaveLength(2);
    expect(releaseAccess(release, outside).bindings[0]?.object).toEqual({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'prod-2hpwr-installer', labels, ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'prod-2hpwr', uid: 'uid-1' }] },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'changeover-prod-installer-cluster' },
      subjects: [{ kind: 'ServiceAccount', name: 'changeover-installer', namespace: 'prod-2hpwr' }],
    });
  });

  test('the runner’s own binding comes last, so that all are known once it is', () => {
    expect(describeReleaseAccess('prod-2hpwr', outside)).toEqual([
      'ClusterRoleBinding prod-2hpwr-installer',
      'RoleBinding changeover-installer',
      'RoleBinding changeover-runner',
      'ServiceAccount changeover-installer',
    ]);
  });
});

describe('asked before a run', () => {
  const asked = (installed: boolean, of = environment): readonly string[] => neededAccess(of, { installed }).map(describeAccess);

  test('where a runner is installed: only what it needs to give itself the rest', () => {
    expect(asked(true)).toEqual([
      ...['get', 'list', 'create', 'patch', 'delete'].map((verb) => `${verb} namespaces`),
      'create rolebindings.rbac.authorization.k8s.io',
      'bind clusterroles.rbac.authorization.k8s.io changeover-prod-release',
      'bind clusterroles.rbac.authorization.k8s.io changeover-prod-installer',
      ...['get', 'list', 'create', 'update'].map((verb) => `${verb} configmaps in namespace builder`),
      'create leases.coordination.k8s.io in namespace builder',
      ...['get', 'update'].map((verb) => `${verb} leases.coordination.k8s.io changeover-prod in namespace builder`),
    ]);
  });

  test('by the doctor alone: what no run is refused for', () => {
    const useful = usefulAccess(environment).map(describeAccess);
    expect(useful).toEqual(['delete configmaps in namespace builder', 'create events in namespace builder']);
    expect(asked(true).filter((right) => useful.includes(right))).toEqual([]);
  });

  test('bindings outside of namespaces only where the configuration lists rights there', () => {
    expect(asked(true, outside)).toContain('create clusterrolebindings.rbac.authorization.k8s.io');
    expect(asked(true, outside)).toContain('bind clusterroles.rbac.authorization.k8s.io changeover-prod-installer-cluster');
    expect(asked(true).join()).not.toContain('clusterrolebindings');
  });

  test('where nothing is installed: what a run reads in every release, and nothing about bindings', () => {
    expect(asked(false)).toContain('list services');
    expect(asked(false)).toContain('watch deployments.apps');
    expect(asked(false).join()).not.toContain('rbac');
  });
});
