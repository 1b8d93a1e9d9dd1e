// Configuration and observed state to a plan, for each operation. Pure: the new release's name comes in from outside.

import type { Environment } from '../config/environment.ts';
import type { RunRecord } from '../run/record.ts';
import { isDue } from './due.ts';
import { findLive } from './live.ts';
import type { Observed, ObservedName, ObservedRelease } from './observed.ts';
import type { Plan, PlannedName, ReleaseIdentity } from './plan.ts';

/** For names that have neither a TTL now nor a configured one. Seconds. */
const defaultTtl = 60;

export interface PlanInput {
  readonly environment: Environment;
  readonly observed: Observed;
}

export function planRebuild(input: PlanInput, candidate: string): Plan {
  const { environment, observed } = input;
  const live = findLiveRelease(observed);
  const leaving = leftovers(input, live);
  return {
    ...common('rebuild', input, candidate),
    ...(live === undefined ? {} : { previous: identity(live) }),
    createsCandidate: true,
    deletePrevious: environment.deleteExisting,
    leftovers: leaving.map(identity),
    ...stillHeld(leaving, observed),
    kept: observed.releases.filter((release) => release !== live && !leaving.includes(release)).map(({ name }) => name),
    ...(observed.chart === undefined ? {} : { chart: observed.chart.chart.origin, chartIdentity: observed.chart.chart.identity }),
  };
}

/** The same as a rebuild, but the public stays where it is, with what it was on before, and the candidate goes away again. */
export function planRehearsal({ environment, observed }: PlanInput, candidate: string): Plan {
  const rebuild = planRebuild({ environment: { ...environment, deleteExisting: false }, observed }, candidate);
  return { ...rebuild, operation: 'rehearse', ...estimate('rehearse', observed.records) };
}

/** Undefined when there is no release to go back to. `wanted` picks one by name; default: the one that was live last. */
export function planRollback(input: PlanInput, wanted: string | undefined): Plan | undefined {
  const { observed } = input;
  const live = findLiveRelease(observed);
  const target = rollbackTarget(observed.releases, live?.name, wanted);
  if (target === undefined) return undefined;
  return {
    ...common('rollback', input, target.name),
    ...(target.helmRelease === target.name ? {} : { helmRelease: target.helmRelease }),
    ...(live === undefined ? {} : { previous: identity(live) }),
    createsCandidate: false,
    deletePrevious: false,
    leftovers: [],
    kept: observed.releases.filter((release) => release !== live && release !== target).map(({ name }) => name),
  };
}

/**
 * What to do about names that lead to several releases; undefined when they do not, or when nothing can serve them all. To which one they
 * shall go only a human knows: the newest may be the one that failed, or the one from which somebody moved a name by mistake.
 */
export function howToUnite({ names, releases }: Observed): string | undefined {
  const able = releases.filter((release) => !isLeftover(release)).map(({ name }) => name);
  if (!findLive(names, releases).split || able.length === 0) return undefined;
  return `Lead all names to one release that has served the public (there ${able.length === 1 ? 'is' : 'are'} ${able.join(', ')}): changeover rollback --to NAME`;
}

export function findLiveRelease({ names, releases }: Observed): ObservedRelease | undefined {
  return findLive(names, releases).release;
}

export function rollbackTarget(
  releases: readonly ObservedRelease[],
  live: string | undefined,
  wanted: string | undefined,
): ObservedRelease | undefined {
  const eligible = releases.filter((release) => release.name !== live && !isLeftover(release));
  if (wanted !== undefined) return eligible.find(({ name }) => name === wanted);
  return eligible.toSorted((left, right) => (right.liveSince ?? '').localeCompare(left.liveSince ?? ''))[0];
}

/** What the plans of all operations have in common. */
export function common(operation: string, { environment, observed }: PlanInput, candidate: string) {
  return {
    operation,
    environment: environment.environment,
    cluster: environment.cluster,
    candidate,
    ...(observed.installation === undefined ? {} : { installer: true }),
    names: observed.names.map(plannedName),
    ...estimate(operation, observed.records),
  };
}

function plannedName(name: ObservedName): PlannedName {
  const records = name.records ?? [];
  const present = records.map(({ ttl }) => ttl);
  const ttl = present.length > 0 ? Math.min(...present) : (name.ttl ?? defaultTtl);
  return { zone: name.zone, name: name.name, service: name.service, ttl, before: records.map((set) => ({ ...set, values: [...set.values] })) };
}

export function identity(release: ObservedRelease): ReleaseIdentity {
  return { name: release.name, namespaceUid: release.uid };
}

/**
 * Candidates that never served the public and whose run is over, what is half removed, and with `deleteExisting` what an earlier run was to
 * remove: only they are cleaned up without being asked.
 */
function leftovers({ environment, observed: { releases, records } }: PlanInput, live: ObservedRelease | undefined): readonly ObservedRelease[] {
  return releases.filter((release) => release !== live && (isLeftover(release) || (environment.deleteExisting && isDue(release, records))));
}

/**
 * A run that could neither go on nor come back may have had the public on its candidate until a moment ago: clients hold its answers. When
 * that was is not looked at, since it may have been another machine's clock.
 */
export function stillHeld(leaving: readonly ObservedRelease[], { names, records }: Observed): { readonly leftoverTtlSeconds?: number } {
  const wasNamed = records.some(({ id, steps }) => leaving.some(({ run, state }) => state === 'candidate' && run === id) && steps.some(({ name, state }) => name === 'swapNames' && !neverThere.includes(state)));
  return wasNamed ? { leftoverTtlSeconds: Math.max(0, ...names.map((name) => plannedName(name).ttl)) } : {};
}

/** `undone` waits for those who hold the new answers. */
const neverThere: readonly RunRecord['steps'][number]['state'][] = ['pending', 'skipped', 'undone'];

export function isLeftover(release: ObservedRelease): boolean {
  return release.state === 'candidate' || release.state === 'retiring' || release.deleting;
}

/** The median of earlier runs of the same operation that went well. */
function estimate(operation: string, records: readonly RunRecord[]): { readonly estimateMs?: number } {
  const durations = records
    .filter((record) => record.operation === operation && record.outcome === 'succeeded' && record.endedAt !== undefined)
    .map((record) => Date.parse(record.endedAt ?? '') - Date.parse(record.startedAt))
    .sort((left, right) => left - right);
  const middle = durations[Math.floor(durations.length / 2)];
  return middle === undefined ? {} : { estimateMs: middle };
}
