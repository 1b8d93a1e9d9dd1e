// Which of a namespace's objects are the release's: those that its chart renders, what they own, and the volumes that their
// pods use. Jobs of load or test runs, Helm's hooks and strangers are not judged with it.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import { claimsOf } from './persistentvolumeclaim.ts';
import type { Pod } from './pod-shapes.ts';
import { groupKind, hasReadiness } from './table.ts';
import type { ObjectName } from './verdict.ts';

export interface Expectations {
  readonly namespace: string;
  /** What the chart renders, hooks left out. */
  readonly contains: readonly KubernetesObject[];
  /** Kinds, as `Kind.group`, that cannot be followed: not in the namespace, or unknown to the server. */
  readonly unfollowed?: readonly string[];
  readonly mayStayUnready: readonly ObjectName[];
}

export interface Members {
  readonly present: readonly KubernetesObject[];
  /** Uids of the present ones that may stay unready: those that the configuration names, and what they own. */
  readonly excused: ReadonlySet<string>;
  readonly missing: readonly KubernetesObject[];
  /** Rendered, to be waited for, and out of sight. */
  readonly outOfSight: readonly KubernetesObject[];
}

export function membersOf(objects: readonly KubernetesObject[], expected: Expectations): Members {
  const awaited = expected.contains.filter(hasReadiness);
  const [inSight, outOfSight] = partition(awaited, (object) => isInSight(object, expected));
  const byKey = new Map(objects.map((object) => [keyOf(object), object]));
  const roots = inSight.flatMap((object) => byKey.get(keyOf(object)) ?? []);
  const family = [...withDescendants(roots, objects).values()].filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const excusedRoots = family.filter((object) => mayStayUnready(object, expected));
  const excused = withDescendants(excusedRoots, objects);
  const present = [...family, ...usedClaims(family.filter(({ metadata }) => !excused.has(metadata.uid ?? '')), { objects, family })];
  return { present, excused: new Set(excused.keys()), missing: inSight.filter((object) => !byKey.has(keyOf(object))), outOfSight };
}

export function mayStayUnready({ kind, metadata }: KubernetesObject, expected: Expectations): boolean {
  return expected.mayStayUnready.some((excuse) => excuse.kind === kind && excuse.name === metadata.name);
}

function isInSight(object: KubernetesObject, { namespace, unfollowed = [] }: Expectations): boolean {
  return (object.metadata.namespace ?? namespace) === namespace && !unfollowed.includes(groupKind(object));
}

function keyOf(object: KubernetesObject): string {
  return `${groupKind(object)}/${object.metadata.name}`;
}

/** By uid, owners first. */
function withDescendants(roots: readonly KubernetesObject[], objects: readonly KubernetesObject[]): ReadonlyMap<string, KubernetesObject> {
  const children = Map.groupBy(
    objects.filter(hasReadiness).flatMap((child) => (child.metadata.ownerReferences ?? []).map(({ uid }) => ({ uid, child }))),
    ({ uid }) => uid,
  );
  const family = new Map<string, KubernetesObject>();
  const queue = [...roots];
  for (const object of queue) {
    const uid = object.metadata.uid ?? '';
    if (family.has(uid)) continue;
    family.set(uid, object);
    queue.push(...(children.get(uid) ?? []).map(({ child }) => child));
  }
  return family;
}

interface Known {
  readonly objects: readonly KubernetesObject[];
  readonly family: readonly KubernetesObject[];
}

/** Claims from a StatefulSet's templates have no owner: the pods that use them lead there. */
function usedClaims(users: readonly KubernetesObject[], { objects, family }: Known): readonly KubernetesObject[] {
  const names = new Set(users.filter(({ kind }) => kind === 'Pod').flatMap((pod) => claimsOf(pod as Pod)));
  const claims = objects.filter((object) => groupKind(object) === 'PersistentVolumeClaim' && names.has(object.metadata.name));
  return claims.filter((claim) => !family.includes(claim));
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}
