// What the API server noted about the requests of some accounts, and by which role it allowed each. Reads the audit log only.

import { readFileSync, statSync } from 'node:fs';

export interface AuditedRequest {
  readonly user: string;
  readonly verb: string;
  readonly group: string;
  /** With its subresource: `pods/log`. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly code: number;
  /** `RBAC: allowed by RoleBinding "changeover-runner/prod-2hpwr" of ClusterRole "changeover-prod-release" to ServiceAccount …` */
  readonly reason: string;
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly apiGroup?: string; readonly resource?: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Where the log ends now. */
export function auditMark(log: string): number {
  return statSync(log).size;
}

/** Of accounts whose name matches, since the mark; of a log that was begun anew meanwhile, from its beginning. */
export function auditedSince(log: string, mark: number, users: RegExp): readonly AuditedRequest[] {
  const bytes = readFileSync(log);
  const lines = bytes.subarray(bytes.length < mark ? 0 : mark).toString('utf8').split('\n');
  const events = lines.flatMap((line) => (users.test(line) && line.endsWith('}') ? [JSON.parse(line) as AuditEvent] : []));
  return events.filter(({ user, objectRef }) => users.test(user.username) && objectRef?.resource !== undefined).map(requestOf);
}

function requestOf({ user, verb, objectRef = {}, responseStatus, annotations = {} }: AuditEvent): AuditedRequest {
  const { apiGroup = '', resource = '', subresource, namespace, name } = objectRef;
  return {
    user: user.username,
    verb,
    group: apiGroup,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    code: responseStatus?.code ?? 0,
    reason: annotations['authorization.k8s.io/reason'] ?? '',
  };
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface Permission {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name: string | undefined;
}

/** Every single thing that a role grants. */
export function permissionsOf(rules: readonly Rule[]): readonly Permission[] {
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [undefined] }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.flatMap((verb) => resourceNames.map((name) => ({ verb, group, resource, name }))))),
  );
}

export interface GrantingRole {
  readonly kind: 'Role' | 'ClusterRole';
  readonly name: string;
  /** Of a Role: roles of one name may lie in several. */
  readonly namespace?: string;
}

/** Whether a request was allowed by this very role, for this permission; that nothing was found by it does not matter. */
export function isUsed(permission: Permission, role: GrantingRole, requests: readonly AuditedRequest[]): boolean {
  return requests.some((request) => request.code !== 403 && isAbout(permission, request) && isAllowedBy(role, request));
}

/**
 * An apply of what is not there yet must be allowed to create as well, which the log does not tell apart.
 * Source: k8s.io/apiserver, pkg/endpoints/handlers/patch.go.
 */
function isAbout({ verb, group, resource, name }: Permission, request: AuditedRequest): boolean {
  const isVerb = request.verb === verb || (verb === 'create' && request.verb === 'patch' && request.code === 201);
  return isVerb && request.group === group && request.resource === resource && (name === undefined || request.name === name);
}

/** Source: k8s.io/kubernetes, plugin/pkg/auth/authorizer/rbac/rbac.go. The binding of a Role is told as `name/namespace`. */
const allowed = /^RBAC: allowed by (?:ClusterRoleBinding|RoleBinding) "[^"/]+(?:\/([^"/]+))?" of (Role|ClusterRole) "([^"]+)" to /;

function isAllowedBy({ kind, name, namespace }: GrantingRole, { reason }: AuditedRequest): boolean {
  const [, boundIn, foundKind, foundName] = allowed.exec(reason) ?? [];
  return foundKind === kind && foundName === name && (kind === 'ClusterRole' || boundIn === namespace);
}

export function describePermission({ verb, group, resource, name }: Permission): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` ${name}`}`;
}
