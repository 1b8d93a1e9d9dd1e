// The world as it was read, before any decision: input of the plan and of the guards. Plain data.

import type { Access, ClusterIdentity } from '../drivers/cluster/cluster.ts';
import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import type { RecordSet, Zone } from '../drivers/dns/dns.ts';
import type { LocalChart } from '../drivers/helm/helm.ts';
import type { RunRecord } from '../run/record.ts';
import type { HeldOwner } from './owners.ts';
import type { OwnedNamespace } from './ownership.ts';

export interface ObservedRelease extends OwnedNamespace {
  readonly services: readonly KubernetesObject[];
}

export interface ObservedName {
  readonly zone: string;
  readonly name: string;
  readonly service: string;
  readonly ttl: number | undefined;
  /** From the provider's own data; undefined when it could not be read (see `problems`). */
  readonly records: readonly RecordSet[] | undefined;
  readonly foundZone: Zone | undefined;
  /** Who moved it last; undefined where that is not known, or not asked for (swap.ownerRecords). */
  readonly owner?: HeldOwner | undefined;
  /** Why it cannot be moved: unreachable or disagreeing servers, a zone that may not be written. */
  readonly problems: readonly string[];
}

export interface ObservedChart {
  readonly chart: LocalChart;
  readonly rendered: readonly KubernetesObject[];
  /** Cluster-scoped objects of the chart that exist already and belong to another release. */
  readonly conflicts: readonly { readonly object: string; readonly owner: string }[];
}

/** A runner of this environment that its chart has installed in the cluster. */
export interface Installation {
  /** Where it is installed, as Helm noted it; undefined when somebody else applied the chart's objects. */
  readonly namespace: string | undefined;
}

export interface Observed {
  readonly identity: ClusterIdentity;
  readonly helmVersion: string;
  /** Undefined where none is installed: Helm then works with the caller's own rights. */
  readonly installation: Installation | undefined;
  /** Releases that an installed runner has to bind itself in before it can read them. */
  readonly unbound: readonly string[];
  readonly access: readonly { readonly question: Access; readonly allowed: boolean }[];
  readonly releases: readonly ObservedRelease[];
  readonly names: readonly ObservedName[];
  /** Undefined where the operation installs nothing. */
  readonly chart: ObservedChart | undefined;
  readonly records: readonly RunRecord[];
}
