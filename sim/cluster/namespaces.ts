// Namespaces come with what every namespace has, and go only after everything in them; owners take their objects along.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { behaviourOf } from '../behaviour.ts';
import type { Controller } from './controllers.ts';
import { condition, insert, removeIfPresent, requestDeletion, setStatus, type Inside } from './inside.ts';
import { allKinds } from './kinds.ts';

export const namespaces: Controller = {
  kind: kinds.namespace,
  reconcile: (inside, namespace, again) => {
    if (namespace.metadata.deletionTimestamp === undefined) return furnish(inside, namespace.metadata.name);
    const sinceMs = inside.clock.now() - Date.parse(namespace.metadata.deletionTimestamp);
    if (sinceMs < inside.timing.namespaceDeletionMs) return again(inside.timing.namespaceDeletionMs - sinceMs);
    if (behaviourOf(namespace, inside.behaviours).outcome === 'never') return remain(inside, namespace);
    const lingersMs = lingersFor(inside, namespace) - sinceMs;
    if (lingersMs > 0) {
      remain(inside, namespace);
      return again(lingersMs);
    }
    if (emptied(inside, namespace.metadata.name)) removeIfPresent(inside, kinds.namespace, namespace);
    else again(500);
  },
};

function furnish(inside: Inside, namespace: string): void {
  const account = { metadata: { name: 'default', namespace } };
  const certificate = { metadata: { name: 'kube-root-ca.crt', namespace }, data: { 'ca.crt': 'simulated' } };
  if (inside.store.get(kinds.serviceAccount, namespace, 'default') === undefined) insert(inside, kinds.serviceAccount, account);
  if (inside.store.get(kinds.configMap, namespace, 'kube-root-ca.crt') === undefined) insert(inside, kinds.configMap, certificate);
}

function lingersFor(inside: Inside, namespace: KubernetesObject): number {
  return inside.behaviours.has(`Namespace/${namespace.metadata.name}`) ? behaviourOf(namespace, inside.behaviours).afterMs : 0;
}

function remain(inside: Inside, namespace: KubernetesObject): void {
  const message = 'Some content in the namespace has finalizers remaining: example.org/stuck in 1 resource instances';
  const remaining = { ...condition(inside, 'NamespaceFinalizersRemaining', { status: 'True', reason: 'SomeFinalizersRemain', message }), lastTransitionTime: namespace.metadata.deletionTimestamp };
  setStatus(inside, namespace, { phase: 'Terminating', conditions: [remaining] });
}

/** Asks everything inside to go; true when nothing is left. */
function emptied(inside: Inside, namespace: string): boolean {
  const left = allKinds.filter(({ namespaced }) => namespaced).flatMap((kind) => inside.store.all(kind, namespace).map((object) => ({ kind, object })));
  for (const { kind, object } of left) requestDeletion(inside, kind, object);
  return left.length === 0;
}

/** Background propagation: what the gone object owned goes after it. */
export function collectGarbage(inside: Inside, gone: KubernetesObject): void {
  const { uid, namespace } = gone.metadata;
  for (const kind of allKinds) {
    const orphans = inside.store.all(kind, namespace).filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) === true);
    for (const orphan of orphans) requestDeletion(inside, kind, orphan);
  }
}
