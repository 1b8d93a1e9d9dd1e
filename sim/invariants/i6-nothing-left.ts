// I6, the next run cleans up: once the last command has come to its end, nothing is left that belongs to no release.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { labels } from '../../src/plan/ownership.ts';
import { isUnfinished } from '../../src/run/record.ts';
import { allKinds } from '../cluster/kinds.ts';
import { isToBeRetired, namedReleases, planOf, type Invariant, type Scene } from './scene.ts';

export const nothingLeft: Invariant = (scene) => () => {
  const { production: { commands }, violate } = scene;
  const ended = commands.at(-1)?.ended;
  // Where a human is called, or nothing could be begun, something may well be left.
  if (ended === undefined || !('performed' in ended) || !['succeeded', 'failed', 'restored'].includes(ended.performed.outcome)) return;
  if (ended.performed.failure?.code === 'GuardFailed') return;
  for (const left of [...unfinished(scene), ...strayReleases(scene), ...unretired(scene), ...strayObjects(scene), ...haltedWork(scene)]) violate(`after the last run there is still ${left}`);
};

function unfinished({ records, locks, production: { others } }: Scene): readonly string[] {
  const isOthers = (candidate: string | undefined): boolean => candidate !== undefined && others.hasDisturbed(candidate);
  const runs = records.all().filter((record) => isUnfinished(record) && !isOthers(planOf(record)?.candidate));
  const lock = locks.stored.holder === '' ? [] : [`the lease in the hands of ${locks.stored.holder}`];
  return [...runs.map(({ id }) => `run ${id}, which is not finished`), ...lock];
}

function strayReleases(scene: Scene): readonly string[] {
  const { production } = scene;
  const { world, fitness, others, releases } = production;
  const named = namedReleases(production);
  const kept = keptForALook(scene);
  const belongs = (release: string): boolean => named.has(release) || fitness.served.has(release) || kept.has(release) || others.hasDisturbed(release);
  const strays = releases().filter((release) => !belongs(release));
  const locked = world.cluster.inside.store.all(kinds.secret).filter(({ metadata }) => metadata.labels?.['owner'] === 'helm' && metadata.labels['status']?.startsWith('pending') === true);
  return [
    ...strays.map((release) => `namespace ${release}, which never served`),
    // What somebody has taken from us, Helm's lock in it too, is his: without our label nobody of ours may touch it.
    ...locked.filter(({ metadata }) => !kept.has(metadata.namespace ?? '') && !others.hasDisturbed(metadata.namespace ?? '')).map(({ metadata }) => `Helm's release ${metadata.labels?.['name']} in state ${metadata.labels?.['status']}`),
  ];
}

/** What a run was to retire and could not is the next rebuild's to remove, unless somebody has gone back to it since. */
function unretired({ production, records }: Scene): readonly string[] {
  const last = production.commands.at(-1);
  const ended = last?.ended !== undefined && 'performed' in last.ended ? last.ended.performed : undefined;
  if (ended?.outcome !== 'succeeded' || ended.record.operation !== 'rebuild' || last?.environment.deleteExisting !== true) return [];
  // What was still to be done when the last run was planned.
  const earlier = records.all().slice(0, records.all().findIndex(({ id }) => id === ended.record.id));
  const left = production.releases().filter((release) => isToBeRetired(release, earlier) && !namedReleases(production).has(release) && !production.others.hasDisturbed(release));
  return left.map((release) => `namespace ${release}, which an earlier run was to retire`);
}

/** What a failed run left as configured stays until a later run comes as far as to remove it. */
function keptForALook({ production: { commands }, records }: Scene): ReadonlySet<string> {
  const last = commands.at(-1);
  // A rollback clears nothing up: what a run left that needed a human is removed by the next rebuild.
  if (last?.intent.operation === 'rollback') return new Set(records.all().filter(({ outcome }) => outcome === 'needsHuman').flatMap((record) => planOf(record)?.candidate ?? []));
  if (last?.environment.release.onFailure !== 'keep' || last.ended === undefined || !('performed' in last.ended) || last.ended.performed.outcome !== 'failed') return new Set();
  return new Set(records.all().filter(({ outcome }) => outcome === 'failed').flatMap((record) => planOf(record)?.candidate ?? []));
}

/** Objects outside of namespaces that were made for a release which is gone. */
function strayObjects({ production: { world, others } }: Scene): readonly string[] {
  const { store } = world.cluster.inside;
  const owner = ({ metadata }: KubernetesObject): string | undefined => metadata.annotations?.['meta.helm.sh/release-namespace'];
  const objects = allKinds.filter(({ namespaced }) => !namespaced).flatMap((kind) => store.all(kind));
  // Whoever deletes a namespace by hand leaves behind what lies outside of it.
  const strays = objects.filter((object) => owner(object) !== undefined && !others.hasDisturbed(owner(object) ?? '') && store.get(kinds.namespace, undefined, owner(object) ?? '') === undefined);
  return strays.map((object) => `${object.kind} ${object.metadata.name} of ${owner(object)}, which is gone`);
}

/** What was stopped for the sake of a run, or runs on for it, in the releases that stay. */
function haltedWork({ production }: Scene): readonly string[] {
  const { world, others } = production;
  const { store } = world.cluster.inside;
  const ours = (object: KubernetesObject): boolean => isOwned(store.get(kinds.namespace, undefined, object.metadata.namespace ?? '')) && !others.hasDisturbed(object.metadata.namespace ?? '');
  const path = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.namespace}/${metadata.name}`;
  const specOf = ({ spec }: KubernetesObject): { readonly suspend?: boolean; readonly replicas?: number } => (spec ?? {}) as object;
  return [
    ...store.all(kinds.cronJob).filter((object) => ours(object) && specOf(object).suspend === true).map((object) => `${path(object)}, suspended`),
    ...store.all(kinds.deployment).filter((object) => ours(object) && specOf(object).replicas === 0).map((object) => `${path(object)} at no replicas`),
    ...store.all(kinds.job).filter((object) => ours(object) && isRunning(object)).map((object) => `${path(object)}, which still runs`),
  ];
}

function isOwned(namespace: KubernetesObject | undefined): boolean {
  return namespace?.metadata.labels?.[labels.environment] !== undefined && namespace.metadata.deletionTimestamp === undefined;
}

function isRunning({ metadata, spec, status }: KubernetesObject): boolean {
  const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly { readonly type: string }[] };
  const isOver = conditions.some(({ type }) => type === 'Complete' || type === 'Failed' || type === 'Suspended');
  return metadata.annotations?.['changeover.dev/run'] !== undefined && (spec as { readonly suspend?: boolean }).suspend !== true && !isOver;
}
