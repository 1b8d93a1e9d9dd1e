// A custom kind that belongs to one test: Widget, of a group of its own.

import { vi } from 'vitest';
import type { Cluster } from '../../../src/drivers/cluster/cluster.ts';
import type { Kind, KubernetesObject } from '../../../src/drivers/cluster/objects.ts';

const definitions: Kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', plural: 'customresourcedefinitions', namespaced: false };

export interface OwnKind {
  readonly kind: Kind;
  remove(): Promise<void>;
}

export function widgetDefinition(group: string): KubernetesObject {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const spec = { group, scope: 'Namespaced', names: { kind: 'Widget', plural: 'widgets', singular: 'widget' }, versions: [{ name: 'v1', served: true, storage: true, schema }] };
  return { apiVersion: definitions.apiVersion, kind: definitions.kind, metadata: { name: `widgets.${group}` }, spec };
}

/** Resolves once the API server serves it. */
export async function makeWidgets(cluster: Cluster, group: string): Promise<OwnKind> {
  const kind: Kind = { apiVersion: `${group}/v1`, kind: 'Widget', plural: 'widgets', namespaced: true };
  const { name, uid = '' } = (await cluster.create(definitions, widgetDefinition(group))).metadata;
  await vi.waitFor(() => cluster.list(kind, { namespace: 'default' }), 30_000);
  return { kind, remove: () => cluster.delete({ kind: definitions, name }, uid) };
}
