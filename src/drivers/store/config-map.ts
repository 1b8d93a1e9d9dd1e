// Records as ConfigMaps in the runner's namespace. Opaque texts; every write names the version it replaces.

import type { Cluster, ClusterReader } from '../cluster/cluster.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { kinds } from '../cluster/objects.ts';
import { recordName } from '../../plan/runner-names.ts';
import { DriverError } from '../failure.ts';
import { createInNamespace, managedBy, replaceStored, versionOf } from './stored-object.ts';
import type { RecordReader, RecordStore, Stored } from './store.ts';

export interface StorePlace {
  /** The runner's namespace; made with the first record when it does not exist. */
  readonly namespace: string;
  readonly environment: string;
}

const labels = { environment: 'changeover.dev/environment', record: 'changeover.dev/record' } as const;

/** The API server refuses objects over 1 MiB; what is left is for metadata and the encoding. */
const maxBytes = 900 * 1024;

export function configMapReader(cluster: ClusterReader, place: StorePlace): RecordReader {
  const { namespace, environment } = place;
  return {
    read: async (id) => {
      const found = await cluster.get({ kind: kinds.configMap, name: nameOf(id, place), namespace });
      // `changeover-prod-x-1` may belong to the environment `prod-x`: the label decides, not the name.
      return found === undefined || !isRecord(found, environment) ? undefined : storedOf(found, place);
    },
    list: async () => {
      const { items } = await cluster.list(kinds.configMap, { namespace, labelSelector: selectorOf(environment) });
      return items.toSorted(byAge).map((item) => storedOf(item, place));
    },
  };
}

export function configMapStore(cluster: Cluster, place: StorePlace): RecordStore {
  const { namespace } = place;
  return {
    ...configMapReader(cluster, place),
    maxBytes,
    create: async (id, body) => versionOf(await createInNamespace(cluster, kinds.configMap, objectOf(id, body, place))),
    replace: async (id, body, version) => {
      const { metadata, ...rest } = objectOf(id, body, place);
      return versionOf(await replaceStored(cluster, kinds.configMap, { ...rest, metadata: { ...metadata, resourceVersion: version } }));
    },
    remove: async (id, version) => {
      const reference = { kind: kinds.configMap, name: nameOf(id, place), namespace };
      const found = await cluster.get(reference);
      if (found === undefined) return;
      if (found.metadata.uid === undefined || versionOf(found) !== version) {
        throw new DriverError({ reason: 'conflict', attempted: `remove ConfigMap ${namespace}/${reference.name}`, detail: 'it has changed since it was read' });
      }
      await cluster.delete(reference, found.metadata.uid);
    },
  };
}

function nameOf(id: string, { environment }: StorePlace): string {
  return recordName(environment, id);
}

function selectorOf(environment: string): string {
  return `${managedBy.label}=${managedBy.value},${labels.environment}=${environment},${labels.record}=run`;
}

function isRecord({ metadata }: KubernetesObject, environment: string): boolean {
  return metadata.labels?.[labels.environment] === environment && metadata.labels[labels.record] === 'run';
}

/** A record whose text is gone is told as an empty text: it is there, and it cannot be read. */
function storedOf(object: KubernetesObject, place: StorePlace): Stored {
  const data = object['data'] as { readonly record?: string } | undefined;
  const { name } = object.metadata;
  return { id: name.slice(nameOf('', place).length), describe: `ConfigMap ${place.namespace}/${name}`, body: data?.record ?? '', version: versionOf(object) };
}

/** Creation times have a resolution of one second; run ids rise. */
function byAge(left: KubernetesObject, right: KubernetesObject): number {
  const age = (object: KubernetesObject): string => `${object.metadata.creationTimestamp ?? ''} ${object.metadata.name}`;
  return age(left) < age(right) ? -1 : 1;
}

function objectOf(id: string, body: string, place: StorePlace): KubernetesObject {
  const { namespace, environment } = place;
  const name = nameOf(id, place);
  const bytes = Buffer.byteLength(body);
  if (bytes > maxBytes) {
    const detail = `it has ${bytes} bytes, and a ConfigMap takes at most ${maxBytes}`;
    throw new DriverError({ reason: 'invalid', attempted: `write the record ConfigMap ${namespace}/${name}`, detail });
  }
  const marks = { [managedBy.label]: managedBy.value, [labels.environment]: environment, [labels.record]: 'run' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: marks }, data: { record: body } };
}
