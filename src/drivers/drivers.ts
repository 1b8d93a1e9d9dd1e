// All drivers of one run, by role. `registry.ts` fills it with real ones, a test with simulated ones.

import type { JobListConfig, JobSource } from '../config/sections/load.ts';
import type { SecretSource } from '../config/values.ts';
import type { Cluster, ClusterReader } from './cluster/cluster.ts';
import type { DnsProbe, DnsProvider, DnsReader, Resolver } from './dns/dns.ts';
import type { Helm, HelmReader } from './helm/helm.ts';
import type { Http } from './http/http.ts';
import type { LoadDriver } from './load/load.ts';
import type { Notifier } from './notify/notify.ts';
import type { LeaseReader, LeaseStore, RecordReader, RecordStore } from './store/store.ts';

/** One entry of `load` with its name, as a load driver gets it. */
export interface NamedJob<Config> {
  readonly name: string;
  readonly timeoutMs: number;
  readonly config: Config;
}

export interface LoadDrivers {
  readonly job: LoadDriver<NamedJob<JobSource>>;
  readonly jobList: LoadDriver<NamedJob<JobListConfig>>;
}

/** A text that must never be printed: read at the moment of use. */
export interface Secrets {
  /** `defaultNamespace` applies to a Secret that is named without one. */
  read(source: SecretSource, defaultNamespace: string): Promise<string>;
}

/** What looking gets: a dry run cannot write, because the type has nothing to write with. */
export interface ReadOnlyDrivers {
  readonly cluster: ClusterReader;
  readonly helm: HelmReader;
  readonly dns: DnsReader;
  readonly resolver: Resolver;
  readonly http: Http;
  readonly secrets: Secrets;
  readonly records: RecordReader;
  readonly lease: LeaseReader;
}

/** What planning a run gets: it may ask whether it could write, and still cannot. */
export interface PlanningDrivers extends ReadOnlyDrivers {
  readonly dns: DnsProbe;
}

export interface Drivers extends PlanningDrivers {
  readonly cluster: Cluster;
  readonly helm: Helm;
  /** The same Helm as the installer account of the release's own namespace, with that account's rights and no others. */
  readonly helmAsInstaller: Helm;
  readonly dns: DnsProvider;
  readonly load: LoadDrivers;
  readonly notifiers: readonly { readonly on: readonly string[]; readonly notifier: Notifier }[];
  readonly records: RecordStore;
  readonly lease: LeaseStore;
}
