// Which pod, and which of its ports, stands behind a Service's port. Each reads once; knows nothing of HTTP.

import type { ClusterReader } from '../cluster/cluster.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { kinds } from '../cluster/objects.ts';
import { DriverError } from '../failure.ts';

export interface ServiceAddress {
  readonly name: string;
  readonly namespace: string;
}

export interface PodPort {
  readonly name: string;
  readonly port: number;
}

export interface Wanted {
  /** The name that the Service gives its port, empty if it has none. */
  readonly portName: string;
  /** Counts up with every request, so that pods take turns and a second try meets another one. */
  readonly turn: number;
  /** For messages. */
  readonly attempted: string;
}

/** What the Service calls its port of this number. Rejects 'unavailable' when there is no such Service or port: it may come yet. */
export async function portNameOf(cluster: Pick<ClusterReader, 'get'>, { name, namespace }: ServiceAddress, wanted: { readonly port: number; readonly attempted: string }): Promise<string> {
  const found = await cluster.get({ kind: kinds.service, name, namespace });
  if (found === undefined) throw unavailable(wanted, `there is no Service ${namespace}/${name}`);
  const ports = portsOf(found);
  const port = ports.find((candidate) => candidate.port === wanted.port);
  if (port === undefined) throw unavailable(wanted, `Service ${namespace}/${name} has no port ${wanted.port}, only ${ports.map((one) => one.port).join(', ')}`);
  return port.name ?? '';
}

/** Rejects 'unavailable' when no pod is ready: one may come yet. */
export async function podBehind(cluster: Pick<ClusterReader, 'list'>, { name, namespace }: ServiceAddress, wanted: Wanted): Promise<PodPort> {
  const { items } = await cluster.list(kinds.endpointSlice, { namespace, labelSelector: `kubernetes.io/service-name=${name}` });
  const ready = items.flatMap((slice) => readyPods(slice, wanted.portName));
  const pods = ready.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const pod = pods[wanted.turn % pods.length];
  if (pod === undefined) throw unavailable(wanted, `Service ${namespace}/${name} has no ready pod`);
  return pod;
}

function unavailable({ attempted }: { readonly attempted: string }, detail: string): DriverError {
  return new DriverError({ reason: 'unavailable', attempted, detail });
}

interface ServicePort {
  readonly name?: string;
  readonly port: number;
}

function portsOf(service: KubernetesObject): readonly ServicePort[] {
  const spec = service['spec'] as { readonly ports?: readonly ServicePort[] } | undefined;
  return spec?.ports ?? [];
}

interface Slice {
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
  readonly endpoints?: readonly {
    readonly conditions?: { readonly ready?: boolean };
    readonly targetRef?: { readonly kind?: string; readonly name?: string };
  }[];
}

/**
 * Slices give each Service port, by its name, as the number it has in their pods: named target ports are resolved there.
 * A pod with two addresses stands in two slices. An unknown readiness counts as ready. Source: discovery.k8s.io/v1.
 */
function readyPods(object: KubernetesObject, portName: string): readonly PodPort[] {
  const slice = object as unknown as Slice;
  const port = slice.ports?.find((candidate) => (candidate.name ?? '') === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? []).flatMap(({ conditions, targetRef }) => {
    const isReadyPod = conditions?.ready !== false && targetRef?.kind === 'Pod' && targetRef.name !== undefined;
    return isReadyPod && targetRef.name !== undefined ? [{ name: targetRef.name, port }] : [];
  });
}
