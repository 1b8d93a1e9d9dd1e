// The volume provisioner: claims are bound after a while, unless their scenario says never.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { behaviourOf } from '../behaviour.ts';
import type { Controller } from './controllers.ts';
import { recordEvent, setStatus, type Inside } from './inside.ts';

export const claims: Controller = {
  kind: kinds.persistentVolumeClaim,
  reconcile: (inside, claim) => {
    if (claim['status'] !== undefined) return;
    setStatus(inside, claim, { phase: 'Pending' });
    const { afterMs, outcome } = behaviourOf(claim, inside.behaviours);
    if (outcome === 'well') inside.clock.after(afterMs, () => bind(inside, claim));
    else recordEvent(inside, claim, { type: 'Warning', reason: 'ProvisioningFailed', message: 'storageclass.storage.k8s.io "fast" not found' });
  },
};

function bind(inside: Inside, claim: KubernetesObject): void {
  const { resources } = claim['spec'] as { readonly resources?: { readonly requests?: object } };
  setStatus(inside, claim, { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: resources?.requests ?? {} });
}
