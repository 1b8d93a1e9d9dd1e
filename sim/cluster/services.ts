// Services: cluster addresses, load balancers that take their time, and EndpointSlices of the pods behind them.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { behaviourOf } from '../behaviour.ts';
import type { Controller } from './controllers.ts';
import { dropFinalizer, insert, ownedBy, present, setStatus, type Inside } from './inside.ts';
import { isReady, phaseOf } from './templates.ts';

export interface ServiceSpec {
  readonly type?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly clusterIP?: string;
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly targetPort?: number | string }[];
}

const cleanup = 'service.kubernetes.io/load-balancer-cleanup';

export const services: Controller = {
  kind: kinds.service,
  concerned: (inside, { kind, object }) => (kind.kind === 'Pod' ? inside.store.all(kinds.service, object.metadata.namespace) : []),
  reconcile: (inside, service) => {
    if (service.metadata.deletionTimestamp !== undefined) {
      inside.clock.after(500, () => dropFinalizer(inside, kinds.service, service));
      return;
    }
    const isNew = service.metadata.finalizers?.includes(cleanup) !== true;
    if ((service['spec'] as ServiceSpec).type === 'LoadBalancer' && isNew) balance(inside, service);
    writeEndpoints(inside, service);
  },
};

/** What a cloud does about a new load balancer: it sees to it that it can clean up, and then takes its time. */
function balance(inside: Inside, service: KubernetesObject): void {
  const metadata = { ...service.metadata, finalizers: [...(service.metadata.finalizers ?? []), cleanup] };
  const accepted = inside.store.put(kinds.service, { ...service, metadata });
  const { afterMs, outcome } = behaviourOf(service, inside.behaviours);
  if (outcome === 'well') inside.clock.after(afterMs, () => assignAddress(inside, accepted));
}

function assignAddress(inside: Inside, service: KubernetesObject): void {
  if (present(inside, kinds.service, service) === undefined) return;
  const { hostname, dualStack } = behaviourOf(service, inside.behaviours);
  const { v4, v6 } = inside.addresses.outside();
  const ingress = hostname === undefined ? [{ ip: v4, ipMode: 'VIP' }, ...(dualStack === true ? [{ ip: v6, ipMode: 'VIP' }] : [])] : [{ hostname }];
  setStatus(inside, service, { loadBalancer: { ingress } });
}

function writeEndpoints(inside: Inside, service: KubernetesObject): void {
  const { selector, ports = [] } = service['spec'] as ServiceSpec;
  if (selector === undefined) return;
  const endpoints = podsBehind(inside, service).map(endpointOf);
  const label = { 'kubernetes.io/service-name': service.metadata.name, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };
  const [before] = inside.store.all(kinds.endpointSlice, service.metadata.namespace).filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name);
  const content = { addressType: 'IPv4', endpoints, ports: ports.map(({ name, port, targetPort }) => ({ name: name ?? '', port: typeof targetPort === 'number' ? targetPort : port, protocol: 'TCP' })) };
  if (before !== undefined) inside.store.put(kinds.endpointSlice, { ...before, ...content });
  else insert(inside, kinds.endpointSlice, { metadata: ownedBy(service, `${service.metadata.name}-${inside.random.name(5)}`, label), ...content });
}

/** Pods that the Service selects and that have an address, whether or not they are ready. */
export function podsBehind(inside: Inside, service: KubernetesObject): readonly KubernetesObject[] {
  const selector = Object.entries((service['spec'] as ServiceSpec).selector ?? {});
  if (selector.length === 0) return [];
  return inside.store
    .all(kinds.pod, service.metadata.namespace)
    .filter(({ metadata }) => selector.every(([label, value]) => metadata.labels?.[label] === value))
    .filter((pod) => addressOf(pod) !== undefined && !['Succeeded', 'Failed'].includes(phaseOf(pod)));
}

function addressOf(pod: KubernetesObject): string | undefined {
  return (pod['status'] as { readonly podIP?: string } | undefined)?.podIP;
}

function endpointOf(pod: KubernetesObject): object {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = isReady(pod);
  const { name, namespace, uid } = pod.metadata;
  return { addresses: [addressOf(pod)], conditions: { ready, serving: ready, terminating }, nodeName: 'node-1', targetRef: { kind: 'Pod', name, namespace, uid } };
}
