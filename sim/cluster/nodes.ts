// A node that is lost with the pods on it, as the node lifecycle controller handles it. Knows no Node objects.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { isoTime, present, removeIfPresent, type Inside } from './inside.ts';
import { setReadiness } from './pods.ts';

/** From the last heartbeat until the node counts as lost (`--node-monitor-grace-period`). */
const graceMs = 40_000;
/** How long pods tolerate that, unless they say otherwise (DefaultTolerationSeconds). */
const toleratedMs = 300_000;

/** The pods of a namespace are on it. Nobody reaches them from now on; when the node comes back, those that are still there answer again. */
export function loseNode(inside: Inside, namespace: string, { returnsAfterMs }: { readonly returnsAfterMs: number }): void {
  const lost = inside.store.all(kinds.pod, namespace);
  const isAway = { now: true };
  for (const pod of lost) inside.readySince.delete(pod.metadata.uid ?? '');
  const whileAway = (afterMs: number, act: (pod: KubernetesObject) => void): void => {
    inside.clock.after(afterMs, () => {
      if (isAway.now) for (const pod of lost) act(pod);
    });
  };
  whileAway(graceMs, (pod) => setReadiness(inside, pod, { ready: false }));
  whileAway(graceMs + toleratedMs, (pod) => markDeleted(inside, pod));
  inside.clock.after(returnsAfterMs, () => {
    isAway.now = false;
    for (const pod of lost) comeBack(inside, pod);
  });
}

/** The API server waits for a kubelet that does not answer: the pod stays, terminating. */
function markDeleted(inside: Inside, pod: KubernetesObject): void {
  const found = present(inside, kinds.pod, pod);
  if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
  inside.store.put(kinds.pod, { ...found, metadata: { ...found.metadata, deletionTimestamp: isoTime(inside.clock) } });
}

function comeBack(inside: Inside, pod: KubernetesObject): void {
  const found = present(inside, kinds.pod, pod);
  if (found?.metadata.deletionTimestamp !== undefined) removeIfPresent(inside, kinds.pod, found);
  else if (found !== undefined) setReadiness(inside, found, { ready: true });
}
