// I3, nothing live is deleted: no name leads there, on no server and in no cache; it is ours; and no rollback would need it.

import { kinds, type KubernetesObject, type ObjectReference } from '../../src/drivers/cluster/objects.ts';
import { annotations, labels } from '../../src/plan/ownership.ts';
import type { Traffic } from '../requests.ts';
import { isRequest, isToBeRetired, namedReleases, planOf, type Invariant, type Scene } from './scene.ts';

export const nothingLiveDeleted: Invariant = (scene) => {
  const { production: { world }, violate } = scene;
  const cached = watchCaches(scene);
  // What Helm could not uninstall whole is completed by a later run, as a leftover.
  const begun = new Set<string>();
  const claimed = watchClaims(scene);
  const isCompleted = (release: string, process: number): boolean => begun.has(release) && planOf(scene.records.ofProcess(process))?.leftovers.some(({ name }) => name === release) === true;
  world.onTraffic((traffic) => {
    // Also one that was refused: it is completed all the same.
    const asked = traffic.moment === 'sent' ? releaseToGo(traffic) : undefined;
    if (asked !== undefined && mayGo(asked, traffic.request.process, scene)) begun.add(asked);
    const release = traffic.moment === 'arrives' ? releaseToGo(traffic) : undefined;
    const namespace = release === undefined ? undefined : world.cluster.inside.store.get(kinds.namespace, undefined, release);
    // What is gone, or going, no deletion makes worse.
    if (release === undefined || namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return;
    if (isRefused(traffic, namespace) || isStillborn(traffic)) return;
    const problem = reasonToKeep(release, scene, { claimed: claimed(traffic, release) }) ?? cached(release);
    if (problem !== undefined) violate(`${release} was to be deleted (${traffic.request.text}), and ${problem}`);
    if (!mayGo(release, traffic.request.process, scene) && !isCompleted(release, traffic.request.process)) violate(`${release} was to be deleted (${traffic.request.text}), and no plan says so`);
  });
  return undefined;
};

export function releaseToGo({ request, input }: Traffic): string | undefined {
  if (isRequest(request, 'helm', 'uninstall')) return String(input[1]);
  const [reference] = input as [ObjectReference];
  return isRequest(request, 'cluster', 'delete') && reference.kind.kind === kinds.namespace.kind ? reference.name : undefined;
}

/** It names the version that its sender has looked at, and somebody has written since. */
function isRefused({ request, input: [, , version] }: Traffic, namespace: KubernetesObject): boolean {
  return isRequest(request, 'cluster', 'delete') && version !== undefined && version !== namespace.metadata.resourceVersion;
}

/** Helm woke up together with its runner, which had lost the lock: it is ended before it has done anything. Whether that is so, I2 sees. */
function isStillborn({ request, input }: Traffic): boolean {
  const { signal } = (input[2] ?? {}) as { readonly signal?: AbortSignal };
  return isRequest(request, 'helm', 'uninstall') && signal?.aborted === true;
}

/**
 * Helm compares nothing. Whoever has written on the namespace, under the version that he had looked at, and asks Helm with his very next
 * request has done what can be done: what somebody takes away in between nobody could see any more.
 */
function watchClaims({ production: { world } }: Scene): (traffic: Traffic, release: string) => boolean {
  const claims = new Map<number, string>();
  world.onTraffic(({ request, moment, input, outcome }) => {
    if (moment === 'sent' && !isRequest(request, 'helm', 'uninstall') && !request.text.includes(' leases ')) claims.delete(request.process);
    const [reference, patch] = input as [ObjectReference, { readonly metadata?: { readonly resourceVersion?: string } }];
    if (moment !== 'done' || !isRequest(request, 'cluster', 'patch') || reference.kind.kind !== kinds.namespace.kind || patch.metadata?.resourceVersion === undefined || outcome === undefined || !('value' in outcome)) return;
    if (isOurs(outcome.value as KubernetesObject)) claims.set(request.process, reference.name);
  });
  return ({ request }, release) => {
    const isClaimed = request.driver === 'helm' && claims.get(request.process) === release;
    claims.delete(request.process);
    return isClaimed;
  };
}

function isOurs(namespace: KubernetesObject | undefined): boolean {
  return namespace?.metadata.labels?.[labels.environment] !== undefined;
}

function reasonToKeep(release: string, { production }: Scene, { claimed }: { readonly claimed: boolean }): string | undefined {
  const { world } = production;
  if (namedReleases(production).has(release)) return 'a public name leads there';
  if (claimed || isOurs(world.cluster.inside.store.get(kinds.namespace, undefined, release))) return undefined;
  return 'it bears no label of ours';
}

/** Until when somebody who honours the TTL may still hold an answer that leads to a release. */
function watchCaches({ production }: Scene): (release: string) => string | undefined {
  const { world, names, addresses } = production;
  const until = new Map<string, number>();
  const leading = (): ReadonlyMap<string, number> => {
    const sets = names.flatMap((name) => world.dns.served(name).flatMap(({ records }) => records));
    return new Map(sets.flatMap(({ values, ttl }) => values.flatMap((value) => (addresses.releaseOf(value) === undefined ? [] : [[addresses.releaseOf(value) ?? '', ttl] as const]))));
  };
  let before = leading();
  world.dns.onChange(() => {
    for (const [release, ttl] of before) until.set(release, world.clock.now() + ttl * 1_000);
    before = leading();
  });
  return (release) => {
    const leftMs = (until.get(release) ?? 0) - world.clock.now();
    return leftMs > 0 ? `answers that lead there may be held for another ${Math.ceil(leftMs / 1_000)} s` : undefined;
  };
}

/** By the plan of the run: its own candidate, the release before where that is wanted, leftovers that never served or were to be retired. */
function mayGo(release: string, process: number, { production: { world }, records }: Scene): boolean {
  const plan = planOf(records.ofProcess(process));
  if (plan === undefined) return false;
  if (plan.createsCandidate && plan.candidate === release) return true;
  if (plan.deletePrevious && plan.previous?.name === release) return true;
  if (!plan.leftovers.some(({ name }) => name === release)) return false;
  const mark = world.cluster.inside.store.get(kinds.namespace, undefined, release)?.metadata.annotations?.[annotations.state];
  return plan.operation === 'prune' || mark === 'candidate' || isToBeRetired(release, records.all());
}
