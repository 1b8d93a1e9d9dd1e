// I8, only ours: nothing without this environment's ownership label is touched, no name but the managed ones, and what somebody
// else wrote into a zone is left alone.

import { kinds, type Kind, type KubernetesObject, type ObjectReference } from '../../src/drivers/cluster/objects.ts';
import type { ZoneChange } from '../../src/drivers/dns/dns.ts';
import { labels } from '../../src/plan/ownership.ts';
import type { Traffic } from '../requests.ts';
import { releaseToGo } from './i3-nothing-live-deleted.ts';
import { isRequest, same, succeeded, type Invariant, type Scene } from './scene.ts';

export const onlyOurs: Invariant = (scene) => {
  const { production: { world }, violate } = scene;
  const lastSeen = watchLabels(scene);
  world.onTraffic((traffic) => {
    if (traffic.moment !== 'arrives' || !traffic.request.writes) return;
    const namespace = namespaceTouched(traffic, scene);
    if (namespace === undefined || isOurs(namespace, scene) || lastSeen(traffic.request.process, namespace)) return;
    // Whoever takes our label off a release in the middle of its making has to expect that it goes on being made; but not that it is deleted.
    if (scene.production.others.hasDisturbed(namespace) && releaseToGo(traffic) === undefined) return;
    violate(`${traffic.request.text}: ${namespace} does not bear the label of this environment`);
  });
  watchNames(scene);
  return undefined;
};

function environmentOf({ production: { commands } }: Scene): { readonly environment: string; readonly runnerNamespace: string } {
  const { environment = 'prod', runner } = commands.at(-1)?.environment ?? {};
  return { environment, runnerNamespace: runner?.namespace ?? 'changeover' };
}

function isOurs(namespace: string, scene: Scene): boolean {
  const found = scene.production.world.cluster.inside.store.get(kinds.namespace, undefined, namespace);
  return found === undefined || found.metadata.labels?.[labels.environment] === environmentOf(scene).environment;
}

/** The namespace that a write reaches into, or is about; undefined for what lies outside of releases. */
function namespaceTouched({ request, input }: Traffic, scene: Scene): string | undefined {
  if (isRequest(request, 'helm', 'install')) return (input[0] as { readonly namespace: string }).namespace;
  if (request.driver === 'helm') return String(input[1]);
  if (request.driver !== 'cluster') return undefined;
  const [first, object] = input as [Kind | ObjectReference, KubernetesObject];
  const { kind, name, namespace } = 'name' in first ? first : { kind: first, ...object.metadata };
  if (kind.kind === kinds.namespace.kind) return request.method === 'create' ? undefined : name;
  return namespace === environmentOf(scene).runnerNamespace ? undefined : namespace;
}

/** What a process has read it may act upon for a moment: nobody can compare and swap a label on what lies beside it. */
const graceMs = 60_000;

function watchLabels(scene: Scene): (process: number, namespace: string) => boolean {
  const { production: { world } } = scene;
  const seen = new Map<string, number>();
  world.onTraffic((traffic) => {
    const { request, moment, outcome } = traffic;
    if (moment !== 'heard' || !isRequest(request, 'cluster', 'get', 'list') || outcome === undefined || !('value' in outcome)) return;
    const value = outcome.value as KubernetesObject | { readonly items: readonly KubernetesObject[] } | undefined;
    const objects = value === undefined ? [] : 'items' in value ? (value.items as readonly KubernetesObject[]) : [value];
    for (const { kind, metadata } of objects) {
      if (kind === kinds.namespace.kind && metadata.labels?.[labels.environment] === environmentOf(scene).environment) seen.set(`${request.process} ${metadata.name}`, world.clock.now());
    }
  });
  return (process, namespace) => (seen.get(`${process} ${namespace}`) ?? -Infinity) >= world.clock.now() - graceMs;
}

function watchNames(scene: Scene): void {
  const { production: { world, names, others, commands }, violate } = scene;
  const theirs = new Map<number, readonly string[]>();
  world.onTraffic((traffic) => {
    const { request, moment, input } = traffic;
    if (!isRequest(request, 'dns', 'change')) return;
    const { expected, desired } = input[1] as ZoneChange;
    if (moment === 'arrives') {
      for (const { name } of [...expected, ...desired]) if (!names.includes(name.replace(/^_changeover\./, ''))) violate(`${request.text} changes ${name}, which is none of ours`);
      theirs.set(request.index, names.filter((name) => others.wrote(name, world.dns.held(name)) && !same(world.dns.held(name), desired.filter((set) => set.name === name))));
    }
    if (moment !== 'done' || !succeeded(traffic) || commands.at(-1)?.environment.swap.replaceForeign === true) return;
    const touched = new Set([...expected, ...desired].map(({ name }) => name));
    for (const name of theirs.get(request.index) ?? []) if (touched.has(name)) violate(`${request.text} has overwritten what somebody else gave ${name}`);
  });
}
