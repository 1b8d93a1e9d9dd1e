// Services: somebody to answer, and, behind a load balancer, an address to be reached at.

import type { Pod } from './pod-shapes.ts';
import type { Labels, Service } from './shapes.ts';
import { ready, unknown, waiting, type Opinion, type Surroundings } from './verdict.ts';

export function judgeService(service: Service, seen: Surroundings): Opinion {
  const { spec, status } = service;
  if (spec?.type === 'ExternalName') return ready('nothing to wait for');
  const { selector = {} } = spec ?? {};
  // Without a selector somebody else writes its endpoints, or nobody does, on purpose.
  const hasSelector = Object.keys(selector).length > 0;
  if (hasSelector && readyEndpoints(service, seen) === 0) return withoutEndpoints(selector, seen.pods);
  const hasAddress = (status?.loadBalancer?.ingress ?? []).some(({ ip, hostname }) => Boolean(ip ?? hostname));
  if (spec?.type === 'LoadBalancer' && !hasAddress) return waiting('its load balancer has no address yet', { reason: 'NoAddress' });
  return ready();
}

/** Source: EndpointSlice API: `ready` that is not there is to be read as true. */
function readyEndpoints({ metadata }: Service, { endpointSlices }: Surroundings): number {
  const own = endpointSlices.filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name);
  return own.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).length;
}

function withoutEndpoints(selector: Labels, pods: readonly Pod[]): Opinion {
  const wanted = Object.entries(selector);
  const written = wanted.map(([key, value]) => `${key}=${value}`).join(',');
  const selected = pods.filter(({ metadata }) => wanted.every(([key, value]) => metadata.labels?.[key] === value));
  // As long as anything else is on its way, the pod may still come; alone at the end, this is a misspelt selector.
  if (selected.length === 0) return unknown(`it selects ${written}, and no pod of the release has these labels`);
  return waiting(selected.length === 1 ? 'the one pod that it selects is not ready' : `none of the ${selected.length} pods that it selects is ready`);
}
