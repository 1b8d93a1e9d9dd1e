// The controller manager: each change wakes the controllers it concerns, a moment later and once. Knows no kind itself.

import type { Kind, KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { Inside } from './inside.ts';
import { jobs } from './jobs.ts';
import { collectGarbage, namespaces } from './namespaces.ts';
import { pods } from './pods.ts';
import { services } from './services.ts';
import { daemonSets, statefulSets } from './sets.ts';
import type { Change } from './store.ts';
import { claims } from './volumes.ts';
import { deployments, replicaSets } from './workloads.ts';

export interface Controller {
  readonly kind: Kind;
  /** Objects of its kind that a change of another kind concerns, beyond the owners of what changed. */
  readonly concerned?: (inside: Inside, change: Change) => readonly KubernetesObject[];
  /** Compares what should be with what is, and writes the difference. `again` wakes it once more, later. */
  readonly reconcile: (inside: Inside, object: KubernetesObject, again: (afterMs: number) => void) => void;
}

const controllers: readonly Controller[] = [namespaces, claims, pods, replicaSets, deployments, statefulSets, daemonSets, jobs, services];

export function startControllers(inside: Inside): void {
  const waiting = new Set<string>();

  function wake(controller: Controller, { metadata }: KubernetesObject, afterMs = inside.timing.reactionMs): void {
    const key = [controller.kind.plural, metadata.namespace, metadata.name, inside.clock.now() + afterMs].join('/');
    if (waiting.has(key)) return;
    waiting.add(key);
    inside.clock.after(afterMs, () => {
      waiting.delete(key);
      const object = inside.store.get(controller.kind, metadata.namespace, metadata.name);
      if (object !== undefined) controller.reconcile(inside, object, (ms) => wake(controller, object, ms));
    });
  }

  inside.store.subscribe((change) => {
    if (change.type === 'DELETED') inside.clock.after(inside.timing.reactionMs, () => collectGarbage(inside, change.object));
    for (const controller of controllers) for (const object of concernedBy(inside, controller, change)) wake(controller, object);
  });
}

function concernedBy(inside: Inside, controller: Controller, change: Change): readonly KubernetesObject[] {
  const { kind, object } = change;
  if (kind.kind === controller.kind.kind) return [object];
  const owners = (object.metadata.ownerReferences ?? []).filter((owner) => owner.kind === controller.kind.kind);
  const found = owners.map(({ name }) => inside.store.get(controller.kind, object.metadata.namespace, name));
  return [...found.filter((owner) => owner !== undefined), ...(controller.concerned?.(inside, change) ?? [])];
}
