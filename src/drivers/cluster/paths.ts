// Paths of the Kubernetes API, built from a kind. Pure.

import type { Kind, ObjectReference } from './objects.ts';

/**
 * `/api/v1/namespaces/prod/pods`, or `/apis/apps/v1/deployments` for all namespaces.
 * Source: Kubernetes API concepts, "Resource URIs".
 */
export function collectionPath(kind: Kind, namespace?: string): string {
  const within = kind.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${groupPath(kind.apiVersion)}${within}/${kind.plural}`;
}

/** The path of one object. Throws when a namespaced kind comes without a namespace: a bug, not an answer. */
export function objectPath({ kind, name, namespace }: ObjectReference): string {
  if (kind.namespaced && namespace === undefined) throw new TypeError(`${kind.kind} ${name}: a namespace is needed`);
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}

/** `/api/v1` for the core group, `/apis/apps/v1` for the others. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
