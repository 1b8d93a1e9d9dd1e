// The volume provisioner: claims are bound after a while, unless their scenario says never, and stay while a pod uses them.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { behaviourOf } from '../behaviour.ts';
import type { Controller } from './controllers.ts';
import { dropFinalizer, recordEvent, setStatus, type Inside } from './inside.ts';

const protection = 'kubernetes.io/pvc-protection';

export const claims: Controller = {
  kind: kinds.persistentVolumeClaim,
  concerned: (inside, { kind, object }) => (kind.kind === 'Pod' ? inside.store.all(kinds.persistentVolumeClaim, object.metadata.namespace) : []),
  reconcile: (inside, claim) => {
    if (claim.metadata.deletionTimestamp !== undefined) {
      if (!isUsed(inside, claim)) dropFinalizer(inside, kinds.persistentVolumeClaim, claim);
      return;
    }
    if (claim.metadata.finalizers?.includes(protection) === true) return;
    inside.store.put(kinds.persistentVolumeClaim, { ...claim, metadata: { ...claim.metadata, finalizers: [protection] } });
    const { afterMs, outcome } = behaviourOf(claim, inside.behaviours);
    if (outcome === 'well') inside.clock.after(afterMs, () => bind(inside, claim));
    else recordEvent(inside, claim, { type: 'Warning', reason: 'ProvisioningFailed', message: 'storageclass.storage.k8s.io "fast" not found' });
  },
};

/** Names of the claims that a pod mounts. */
export function claimsOf(pod: KubernetesObject): readonly string[] {
  const { volumes = [] } = pod['spec'] as { readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[] };
  return volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}

function isUsed(inside: Inside, { metadata: { name, namespace } }: KubernetesObject): boolean {
  return inside.store.all(kinds.pod, namespace).some((pod) => claimsOf(pod).includes(name));
}

function bind(inside: Inside, claim: KubernetesObject): void {
  const { resources } = claim['spec'] as { readonly resources?: { readonly requests?: object } };
  setStatus(inside, claim, { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: resources?.requests ?? {} });
}
