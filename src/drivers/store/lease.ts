// The lock of an environment as a coordination.k8s.io Lease. Compares and swaps; decides nothing about who may hold it.

import type { Cluster, ClusterReader } from '../cluster/cluster.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { kinds } from '../cluster/objects.ts';
import type { StorePlace } from './config-map.ts';
import { createInNamespace, managedBy, replaceStored, versionOf } from './stored-object.ts';
import type { Lease, LeaseReader, LeaseStore } from './store.ts';

export function leaseReader(cluster: ClusterReader, place: StorePlace): LeaseReader {
  const { namespace } = place;
  const name = nameOf(place);
  return {
    describe: `Lease ${namespace}/${name}`,
    read: async () => {
      const found = await cluster.get({ kind: kinds.lease, name, namespace });
      return found === undefined ? undefined : { lease: leaseOf(found), version: versionOf(found) };
    },
  };
}

export function leaseStore(cluster: Cluster, place: StorePlace): LeaseStore {
  return {
    ...leaseReader(cluster, place),
    write: async (lease, version) => {
      const { metadata, ...rest } = objectOf(lease, place);
      if (version === undefined) return versionOf(await createInNamespace(cluster, kinds.lease, { ...rest, metadata }));
      // Deleting the Lease is how an operator takes the lock away: then this is a conflict.
      return versionOf(await replaceStored(cluster, kinds.lease, { ...rest, metadata: { ...metadata, resourceVersion: version } }));
    },
  };
}

function nameOf({ environment }: StorePlace): string {
  return `changeover-${environment}`;
}

const asked = { cancel: 'changeover.dev/cancel', locked: 'changeover.dev/locked' } as const;

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseTransitions?: number;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
}

/** All fields are optional for the API server; one that is missing counts as never held. */
function leaseOf(object: KubernetesObject): Lease {
  const spec = (object['spec'] ?? {}) as LeaseSpec;
  const { annotations = {} } = object.metadata;
  return {
    holder: spec.holderIdentity ?? '',
    epoch: spec.leaseTransitions ?? 0,
    durationMs: (spec.leaseDurationSeconds ?? 0) * 1_000,
    acquiredAt: timeOf(spec.acquireTime),
    renewedAt: timeOf(spec.renewTime),
    cancel: annotations[asked.cancel],
    locked: annotations[asked.locked],
  };
}

function timeOf(text: string | undefined): number {
  return text === undefined ? 0 : Date.parse(text);
}

function objectOf(lease: Lease, place: StorePlace): KubernetesObject {
  const labels = { [managedBy.label]: managedBy.value, 'changeover.dev/environment': place.environment };
  const spec: LeaseSpec = {
    holderIdentity: lease.holder,
    leaseTransitions: lease.epoch,
    leaseDurationSeconds: Math.max(1, Math.ceil(lease.durationMs / 1_000)),
    acquireTime: microTime(lease.acquiredAt),
    renewTime: microTime(lease.renewedAt),
  };
  const metadata = { name: nameOf(place), namespace: place.namespace, labels, annotations: annotationsOf(lease) };
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
}

function annotationsOf({ cancel, locked }: Lease): Readonly<Record<string, string>> {
  return { ...(cancel === undefined ? {} : { [asked.cancel]: cancel }), ...(locked === undefined ? {} : { [asked.locked]: locked }) };
}

/** MicroTime: RFC 3339 with six digits, which the API server insists on. */
function microTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '000Z');
}
