// All objects of the simulated cluster, by whom they belong to and without what chance has named: to see what a death leaves over.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { allKinds } from '../cluster/kinds.ts';
import type { SimulatedWorld } from '../world.ts';
import { isOldJob } from './trigger.ts';

export interface Inventory {
  /** By release: what its namespace holds, and the namespace itself. */
  readonly releases: ReadonlyMap<string, readonly string[]>;
  /** Everything that belongs to no release. */
  readonly outside: readonly string[];
}

/** `releases`: the namespaces that belong to one; any other namespace is outside. Records, Events and what is left of the runner's Jobs are left out: they may be many. */
export function takeInventory(world: SimulatedWorld, releases: readonly string[]): Inventory {
  const all = allKinds.flatMap((kind) => world.cluster.inside.store.all(kind)).filter((object) => !isHistory(object) && !isOldJob(object));
  const owner = (object: KubernetesObject): string | undefined => releases.find((name) => name === placeOf(object) || object.metadata.annotations?.['meta.helm.sh/release-name'] === name);
  const lines = (objects: readonly KubernetesObject[]): readonly string[] => objects.map((object) => lineOf(object, releases)).toSorted();
  return {
    releases: new Map(releases.map((name) => [name, lines(all.filter((object) => owner(object) === name))])),
    outside: lines(all.filter((object) => owner(object) === undefined)),
  };
}

/** What one has and the other has not; objects that are there twice count twice. */
export function difference(wanted: readonly string[], found: readonly string[]): readonly string[] {
  return [...without(found, wanted).map((line) => `left over: ${line}`), ...without(wanted, found).map((line) => `missing: ${line}`)];
}

function without(all: readonly string[], taken: readonly string[]): readonly string[] {
  const left = [...taken];
  return all.filter((line) => {
    const place = left.indexOf(line);
    if (place !== -1) left.splice(place, 1);
    return place === -1;
  });
}

function isHistory({ kind, metadata }: KubernetesObject): boolean {
  return kind === 'Event' || metadata.labels?.['changeover.dev/record'] !== undefined;
}

function placeOf({ kind, metadata }: KubernetesObject): string | undefined {
  return kind === kinds.namespace.kind ? metadata.name : metadata.namespace;
}

function lineOf(object: KubernetesObject, releases: readonly string[]): string {
  const { name, namespace, ownerReferences: [owner] = [] } = object.metadata;
  const called = owner === undefined ? name : `of ${owner.kind} ${owner.name}`;
  const text = `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${called}`;
  const isGoing = object.metadata.deletionTimestamp === undefined ? '' : ' (being deleted)';
  return `${releases.reduce((rest, release) => rest.replaceAll(release, '<release>'), text).replace(/-[0-9a-f]{8}-(\d+)$/, '-<run>-$1').replace(/(ReplicaSet [a-z]+)-[a-z0-9]+$/, '$1')}${isGoing}`;
}
