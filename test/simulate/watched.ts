// A production with one release that all invariants watch, and a process that keeps no rule. Asserts nothing itself.

import { environmentWith, production, type Production } from '../../sim/production.ts';
import { watchInvariants, type InvariantName, type Watched, type WatchOptions } from '../../sim/invariants/index.ts';
import type { RunnerProcess, Scenario } from '../../sim/world.ts';
import type { Environment } from '../../src/config/environment.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { RecordSet } from '../../src/drivers/dns/dns.ts';
import { namespaceOf } from '../../src/plan/ownership.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { newRecord } from '../run/engine-world.ts';

export interface WatchedProduction extends Production {
  readonly watched: Watched;
  /** Problems that were found against one invariant so far. */
  found(invariant: InvariantName): readonly string[];
  /** The same, once more at the end. */
  settled(invariant: InvariantName): readonly string[];
}

export interface Options extends WatchOptions {
  readonly scenario?: Scenario;
  readonly environment?: Environment;
  /** Nothing is live yet. */
  readonly empty?: boolean;
}

export const live = 'prod-r0001';
export const www = 'www.example.org.';

export async function watchedProduction({ scenario = {}, environment = environmentWith(), empty = false, ...options }: Options = {}): Promise<WatchedProduction> {
  const made = await production(scenario, { environment });
  const watched = watchInvariants(made, options);
  if (!empty) await made.command();
  const problems = (invariant: InvariantName): readonly string[] => watched.violations.filter((violation) => violation.invariant === invariant).map(({ problem }) => problem);
  const settled = (invariant: InvariantName): readonly string[] => {
    watched.settle();
    return problems(invariant);
  };
  return { ...made, watched, found: problems, settled };
}

/** Takes the lock as it should be taken, and then does as it likes. */
export async function lockedProcess({ world }: Production): Promise<RunnerProcess> {
  const process = world.start();
  const { lease } = process.drivers;
  const present = await lease.read();
  const now = world.clock.now();
  await lease.write({ ...present?.lease, holder: 'rogue', epoch: (present?.lease.epoch ?? 0) + 1, durationMs: 30_000, acquiredAt: now, renewedAt: now }, present?.version);
  return process;
}

/** Notes an intention in a record of its own, as a run does before it begins. */
export async function writeRecord(process: RunnerProcess, plan: Readonly<Record<string, unknown>> & { readonly operation?: string }, more: Partial<RunRecord> = {}): Promise<RunRecord> {
  const epoch = (await process.drivers.lease.read())?.lease.epoch ?? 0;
  const base = { operation: 'rebuild', candidate: 'prod-other', createsCandidate: true, deletePrevious: false, leftovers: [], names: [], kept: [] };
  const record: RunRecord = { ...newRecord(), id: `rogue-${epoch}`, operation: plan.operation ?? 'rebuild', epoch, plan: { ...base, ...plan } as RunRecord['plan'], ...more };
  await process.drivers.records.create(record.id, JSON.stringify(record));
  return record;
}

/** A further release, installed and ready, that nothing was loaded into. */
export async function installed({ drivers }: RunnerProcess, { world }: Production, name: string): Promise<void> {
  await drivers.cluster.create(kinds.namespace, namespaceOf(name, { environment: 'prod', run: 'rogue' }));
  const chart = await drivers.helm.chart({ path: '/chart' });
  await drivers.helm.install({ name, namespace: name, chart, values: [], signal: new AbortController().signal });
  await world.clock.sleep(10_000);
}

export async function addressOf({ world }: Production, release: string, service = 'ingress'): Promise<string> {
  const found = await world.cluster.get({ kind: kinds.service, namespace: release, name: service });
  const status = found?.['status'] as { readonly loadBalancer: { readonly ingress: readonly { readonly ip: string }[] } } | undefined;
  return status?.loadBalancer.ingress[0]?.ip ?? '';
}

export function answer(...values: readonly string[]): RecordSet {
  return { name: www, type: 'A', ttl: 60, values };
}

/** Gives www these answers instead of those that it has, as a correct compare-and-swap. */
export async function changeTo({ drivers }: RunnerProcess, desired: readonly RecordSet[]): Promise<void> {
  const zone = await drivers.dns.zone('example-org');
  await drivers.dns.change(zone, { expected: await drivers.dns.read(zone, www), desired });
}

export async function deleteNamespace({ drivers }: RunnerProcess, name: string): Promise<void> {
  const found = await drivers.cluster.get({ kind: kinds.namespace, name });
  await drivers.cluster.delete({ kind: kinds.namespace, name }, found?.metadata.uid ?? '');
}
