// PersistentVolumeClaims: bound; one that binds at first use has nothing to wait for while nobody uses it.

import { eventTimestamp, latestEvent } from './events.ts';
import type { Pod } from './pod-shapes.ts';
import type { PersistentVolumeClaim } from './shapes.ts';
import { failed, ready, since, waiting, type Opinion, type Surroundings } from './verdict.ts';

export function judgeClaim(claim: PersistentVolumeClaim, seen: Surroundings): Opinion {
  switch (claim.status?.phase) {
    case 'Bound':
      return ready('bound');
    case 'Lost':
      return failed('its volume is lost', { reason: 'Lost' });
    default:
      return unbound(claim, seen);
  }
}

export function claimsOf(pod: Pod): readonly string[] {
  return (pod.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}

const bindingEvents = ['ProvisioningFailed', 'FailedBinding', 'WaitForFirstConsumer', 'WaitForPodScheduled', 'Provisioning', 'ExternalProvisioning'];

/** The binding controller repeats its Event every few seconds, so the latest one is about the present. */
function unbound(claim: PersistentVolumeClaim, { events, pods }: Surroundings): Opinion {
  const event = latestEvent(claim, events, bindingEvents);
  if (event?.reason === 'WaitForFirstConsumer' && !pods.some((pod) => claimsOf(pod).includes(claim.metadata.name))) {
    return ready('it binds when a pod first uses it');
  }
  const facts = { ...(event?.reason !== undefined && { reason: event.reason }), ...since(event && eventTimestamp(event)) };
  const story = event?.message === undefined ? 'not bound yet' : `not bound yet: ${event.message}`;
  if (event?.reason === 'ProvisioningFailed' && /storageclass\S* .*not found/i.test(event.message ?? '')) {
    return failed(`it cannot be bound: ${event.message}`, { reason: 'StorageClassNotFound', ...since(eventTimestamp(event)) });
  }
  return waiting(story, facts);
}
