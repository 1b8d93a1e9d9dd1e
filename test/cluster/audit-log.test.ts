// What the tests of the installed runner read from the audit log: by which role, of which binding, a request was allowed.

import { describe, expect, test } from 'vitest';
import { isUsed, type AuditedRequest, type GrantingRole } from '../kubernetes/support/audit.ts';

const toRunner = 'to ServiceAccount "changeover-prod/builders"';
const clusterRole: GrantingRole = { kind: 'ClusterRole', name: 'changeover-prod' };
const role: GrantingRole = { kind: 'Role', name: 'changeover-prod', namespace: 'builders' };

const request: AuditedRequest = {
  user: 'system:serviceaccount:builders:changeover-prod',
  verb: 'get',
  group: '',
  resource: 'secrets',
  namespace: 'builders',
  name: 'values',
  code: 200,
  reason: `RBAC: allowed by RoleBinding "changeover-prod/builders" of Role "changeover-prod" ${toRunner}`,
};
const permission = { verb: 'get', group: '', resource: 'secrets', name: undefined };

function counts(of: GrantingRole, more: Partial<AuditedRequest> = {}, wanted: object = {}): boolean {
  return isUsed({ ...permission, ...wanted }, of, [{ ...request, ...more }]);
}

describe('a permission is used', () => {
  test('by a request that its own role allowed, also when nothing was found', () => {
    expect([counts(role), counts(role, { code: 404 })]).toEqual([true, true]);
  });

  test.each([
    ['bound in the whole cluster', `RBAC: allowed by ClusterRoleBinding "changeover-prod" of ClusterRole "changeover-prod" ${toRunner}`],
    ['bound in a namespace', `RBAC: allowed by RoleBinding "changeover-runner/prod-2hpwr" of ClusterRole "changeover-prod" ${toRunner}`],
  ])('by one that its ClusterRole allowed, %s', (_, reason) => {
    expect(counts(clusterRole, { reason })).toBe(true);
  });

  test('to create, by an apply that has made an object, and by none that found one', () => {
    const wanted = { verb: 'create' };
    expect([201, 200].map((code) => counts(role, { verb: 'patch', code }, wanted))).toEqual([true, false]);
  });
});

describe('a permission is not used', () => {
  test.each<[string, GrantingRole, Partial<AuditedRequest>]>([
    ['by what a Role of the same name allowed', clusterRole, {}],
    ['by what a ClusterRole of the same name allowed', role, { reason: `RBAC: allowed by RoleBinding "changeover-prod/builders" of ClusterRole "changeover-prod" ${toRunner}` }],
    ['by what a Role of the same name in another namespace allowed', { ...role, namespace: 'vault' }, {}],
    ['by what a role allowed whose name ends like it', role, { reason: `RBAC: allowed by RoleBinding "x/builders" of Role "other-changeover-prod" ${toRunner}` }],
    ['by what a role allowed whose binding is called like it', role, { reason: `RBAC: allowed by RoleBinding "changeover-prod/builders" of Role "other" to Group "Role "changeover-prod" to "` }],
    ['by what no role allowed', role, { reason: '' }],
    ['by a request that was refused all the same', role, { code: 403 }],
    ['by another verb', role, { verb: 'list' }],
    ['by a part of the object', role, { resource: 'secrets/status' }],
    ['by the same word of another group', role, { group: 'example.org' }],
  ])('%s', (_, of, more) => {
    expect(counts(of, more)).toBe(false);
  });

  test('for one name, by a request for another', () => {
    expect(['values', 'other'].map((name) => counts(role, {}, { name }))).toEqual([true, false]);
  });
});
