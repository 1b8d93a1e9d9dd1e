// What has to be listed for a chart, from the refusals of a real API server as Helm hands them on.

import { describe, expect, test } from 'vitest';
import { keysForMissingRights } from '../../src/plan/missing-right.ts';

const account = 'User "system:serviceaccount:prod-2hpwr:changeover-installer"';

describe('the key for a right that Helm lacks', () => {
  test.each([
    {
      what: 'names a custom kind by its group and its resource',
      message: `INSTALLATION FAILED: could not get information about the resource Widget "a" in namespace "prod-2hpwr": widgets.example.org "a" is forbidden: ${account} cannot get resource "widgets" in API group "example.org" in the namespace "prod-2hpwr"`,
      keys: ['release.permissions.namespaced: [{ apiGroups: [example.org], resources: [widgets] }]'],
    },
    {
      what: 'is another one for what lies outside of namespaces',
      message: `priorityclasses.scheduling.k8s.io "a" is forbidden: ${account} cannot create resource "priorityclasses" in API group "scheduling.k8s.io" at the cluster scope`,
      keys: ['release.permissions.cluster: [{ apiGroups: [scheduling.k8s.io], resources: [priorityclasses] }]'],
    },
    {
      what: 'has the core group in quotes, and the kind rather than a part of it',
      message: `${account} cannot update resource "resourcequotas/status" in API group "" in the namespace "x"`,
      keys: ['release.permissions.namespaced: [{ apiGroups: [""], resources: [resourcequotas] }]'],
    },
    {
      what: 'covers what a Role of the chart would hand on',
      message: `roles.rbac.authorization.k8s.io "operator" is forbidden: user "system:serviceaccount:x:changeover-installer" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["example.org"], Resources:["widgets"], Verbs:["get"]}\n{APIGroups:["example.org"], Resources:["widgets"], Verbs:["list"]}`,
      keys: ['release.permissions.namespaced: [{ apiGroups: [example.org], resources: [widgets] }]'],
    },
    { what: 'is not made up when nothing is named', message: 'admission webhook "x" denied the request', keys: [] },
  ])('$what', ({ message, keys }) => {
    expect(keysForMissingRights(message)).toEqual(keys);
  });
});
