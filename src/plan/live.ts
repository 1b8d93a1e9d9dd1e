// Which release is live: what the names say, cross-checked with what the releases own. Pure.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import type { RecordSet } from '../drivers/dns/dns.ts';
import { canonicalAddress } from '../ip-address.ts';
import type { ObservedName, ObservedRelease } from './observed.ts';

export type PointsTo =
  | { readonly kind: 'release'; readonly release: string }
  /** The name does not exist yet. */
  | { readonly kind: 'nothing' }
  /** Addresses that no release of this environment has. */
  | { readonly kind: 'foreign'; readonly values: readonly string[] }
  /** Addresses of several releases, or partly foreign ones. */
  | { readonly kind: 'mixed'; readonly values: readonly string[] }
  | { readonly kind: 'unknown' };

/** What one name points to. Every value must belong to the same release. */
export function pointsTo(name: Pick<ObservedName, 'records'>, releases: readonly ObservedRelease[]): PointsTo {
  if (name.records === undefined) return { kind: 'unknown' };
  const values = name.records.flatMap((set) => set.values);
  if (values.length === 0) return { kind: 'nothing' };
  const owners = new Set(values.map((value) => releases.find((release) => hasAddress(release, value))?.name));
  const [owner] = owners;
  if (owners.size > 1) return { kind: 'mixed', values };
  return owner === undefined ? { kind: 'foreign', values } : { kind: 'release', release: owner };
}

export interface Live {
  /** The one release all existing names point to, if so. */
  readonly release: ObservedRelease | undefined;
  readonly names: readonly { readonly name: string; readonly to: PointsTo }[];
  /** Names disagree: a swap stopped half-way, or somebody moved one by hand. */
  readonly split: boolean;
}

export function findLive(names: readonly ObservedName[], releases: readonly ObservedRelease[]): Live {
  const found = names.map((name) => ({ name: name.name, to: pointsTo(name, releases) }));
  const owners = new Set(found.flatMap(({ to }) => (to.kind === 'release' ? [to.release] : [])));
  const [owner] = owners;
  const partly = found.some(({ to }) => to.kind === 'mixed') || (owners.size === 1 && found.some(({ to }) => to.kind === 'foreign'));
  const release = owners.size === 1 && !partly ? releases.find(({ name }) => name === owner) : undefined;
  return { release, names: found, split: owners.size > 1 || partly };
}

/** Releases that any of the names points to, even partly: none of them may be deleted. */
export function pointedTo(records: readonly RecordSet[], releases: readonly ObservedRelease[]): readonly string[] {
  const values = records.flatMap((set) => set.values);
  return releases.filter((release) => values.some((value) => hasAddress(release, value))).map(({ name }) => name);
}

function hasAddress(release: ObservedRelease, value: string): boolean {
  return release.services.some((service) => addressesOf(service).includes(canonical(value)));
}

/** IP addresses and host names of a Service's load balancer, lower case, without trailing dots; addresses as `canonicalAddress` has them. */
export function addressesOf(service: KubernetesObject): readonly string[] {
  const status = service.status as { loadBalancer?: { ingress?: readonly { ip?: string; hostname?: string }[] } } | undefined;
  const ingress = status?.loadBalancer?.ingress ?? [];
  return ingress.flatMap(({ ip, hostname }) => [ip, hostname]).filter((value) => value !== undefined).map(canonical);
}

function canonical(value: string): string {
  return canonicalAddress(value.toLowerCase().replace(/\.$/, ''));
}
