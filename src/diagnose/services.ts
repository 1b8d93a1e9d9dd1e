// The outside addresses of Services, and whether an answer of a name server leads to one of them. Pure.

import type { RecordSet } from '../drivers/dns/dns.ts';
import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import type { Service } from '../readiness/shapes.ts';
import { serviceAddresses } from '../steps/services.ts';
import type { ServerFinding, ServiceFinding } from './diagnosis.ts';

export function describeServices(services: readonly KubernetesObject[]): readonly ServiceFinding[] {
  return services.map((service) => describe(service as Service)).toSorted((one, other) => other.addresses.length - one.addresses.length || one.name.localeCompare(other.name));
}

/** Everything that the name answers must be the release's: one foreign address among them sends visitors elsewhere. */
export function leadsHere(records: readonly RecordSet[], services: readonly ServiceFinding[] | undefined): ServerFinding['leadsHere'] {
  if (services === undefined) return 'unknown';
  const own = new Set(services.flatMap(({ addresses }) => addresses));
  const answers = records.flatMap(({ values }) => values);
  return answers.length > 0 && answers.every((value) => own.has(value)) ? 'yes' : 'no';
}

function describe(service: Service): ServiceFinding {
  const type = service.spec?.type ?? 'ClusterIP';
  const { A, AAAA, CNAME } = serviceAddresses(service);
  const addresses = [...A, ...AAAA, ...(CNAME === undefined ? [] : [CNAME])];
  return { name: service.metadata.name, type, addresses, state: stateOf(type, addresses) };
}

function stateOf(type: string, addresses: readonly string[]): string {
  if (addresses.length > 0) return addresses.join(', ');
  return type === 'LoadBalancer' ? 'none yet' : 'inside only';
}
