// The present state of one environment as plain data, for `status` and for the last lines of a run. Reads only.

import { Failure, type FailureFacts } from '../errors.ts';
import { asFailure } from '../drivers/failure.ts';
import { observeCordoned, type CordonedNode } from '../observe/cordoned.ts';
import { observeNames } from '../observe/names.ts';
import { observeReleases } from '../observe/observe.ts';
import { readRecords, type StoredRecord } from '../observe/records.ts';
import type { Lease } from '../drivers/store/store.ts';
import { addressesOf, findLive, pointsTo, type PointsTo } from '../plan/live.ts';
import { lockOf, type HandLock } from '../plan/lock.ts';
import { rollbackTarget } from '../plan/make.ts';
import type { ObservedName, ObservedRelease } from '../plan/observed.ts';
import { ownerProblem, type Owner } from '../plan/owners.ts';
import { isUnfinished, type RunRecord } from '../run/record.ts';
import { retry } from '../run/retry.ts';
import type { Reading } from './session.ts';

export interface ReleaseStatus {
  readonly name: string;
  /** `live` only when the names say so; else what it was or is to become. */
  readonly role: 'live' | 'candidate' | 'previous' | 'older';
  readonly createdAt: string | undefined;
  readonly liveSince: string | undefined;
  readonly deleting: boolean;
  /** Of its LoadBalancer Services. */
  readonly addresses: readonly { readonly service: string; readonly values: readonly string[] }[];
}

export interface NameStatus {
  readonly name: string;
  readonly values: readonly string[];
  readonly to: PointsTo;
  /** Who moved it last, as its owner record says. */
  readonly owner?: Owner;
  readonly problems: readonly string[];
}

export interface Status {
  readonly environment: string;
  readonly cluster: string;
  /** Who runs now, if anybody. */
  readonly holder: Lease | undefined;
  /** Put on by hand: every run is refused. */
  readonly locked: HandLock | undefined;
  readonly run: RunRecord | undefined;
  /** A record that cannot be read, and what to do about it: no run begins before, and which one was the last is not known. */
  readonly unreadable?: Pick<FailureFacts, 'summary' | 'object' | 'next'>;
  /** Recorded as running, but nobody holds the lock: the next run resumes or unwinds it. */
  readonly unfinished: boolean;
  readonly releases: readonly ReleaseStatus[];
  readonly names: readonly NameStatus[];
  /** Undefined when this account may not list nodes. */
  readonly cordoned: readonly CordonedNode[] | undefined;
}

export async function readStatus(reading: Reading): Promise<Status> {
  const { environment, drivers, clock, stop } = reading;
  const options = { environment, drivers, clock, signal: stop };
  const [releases, names, { records, ...unreadable }, lease] = await Promise.all([
    observeReleases(options),
    observeNames({ ...options, forChange: false }),
    readableRecords(reading),
    retry(() => drivers.lease.read(), options),
  ]);
  const run = records.at(-1)?.record;
  const holder = lease === undefined || lease.lease.holder === '' ? undefined : lease.lease;
  return {
    environment: environment.environment,
    cluster: environment.cluster,
    holder,
    locked: lockOf(lease?.lease),
    run,
    ...unreadable,
    unfinished: run !== undefined && isUnfinished(run) && holder === undefined,
    releases: releaseStatuses(releases, names),
    names: names.map((name) => nameStatus(name, releases, environment.environment)),
    cordoned: await observeCordoned(releases, options),
  };
}

/** What production is now, or why that could not be read: for whoever has something else to tell as well. */
export type Look = { readonly status: Status; readonly unread?: undefined } | { readonly status: undefined; readonly unread?: string };

export async function lookAround(reading: Reading): Promise<Look> {
  try {
    return { status: await readStatus(reading) };
  } catch (error) {
    return { status: undefined, unread: asFailure(error).facts.summary };
  }
}

/** Whoever looks because a record is damaged wants to know what the public has. */
async function readableRecords({ drivers, clock, stop }: Reading): Promise<{ readonly records: readonly StoredRecord[] } & Pick<Status, 'unreadable'>> {
  try {
    return { records: await retry(() => readRecords(drivers.records), { clock, signal: stop }) };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'RecordUnreadable') throw error;
    const { summary, object } = error.facts;
    return { records: [], unreadable: { summary, ...(object === undefined ? {} : { object }), next: error.next } };
  }
}

/** All runs, newest first. */
export async function readHistory({ drivers, clock, stop }: Reading): Promise<readonly RunRecord[]> {
  const records = await retry(() => readRecords(drivers.records), { clock, signal: stop });
  return records.map(({ record }) => record).toReversed();
}

function releaseStatuses(releases: readonly ObservedRelease[], names: readonly ObservedName[]): readonly ReleaseStatus[] {
  const live = findLive(names, releases).release?.name;
  const previous = rollbackTarget(releases, live, undefined)?.name;
  return releases.map((release) => ({
    name: release.name,
    role: roleOf(release, { live, previous }),
    createdAt: release.createdAt,
    liveSince: release.liveSince,
    deleting: release.deleting,
    addresses: release.services.map(serviceAddresses).filter(({ values }) => values.length > 0),
  }));
}

function roleOf(release: ObservedRelease, now: { readonly live: string | undefined; readonly previous: string | undefined }): ReleaseStatus['role'] {
  if (release.name === now.live) return 'live';
  if (release.state === 'candidate') return 'candidate';
  return release.name === now.previous ? 'previous' : 'older';
}

function serviceAddresses(service: ObservedRelease['services'][number]): ReleaseStatus['addresses'][number] {
  return { service: service.metadata.name, values: addressesOf(service) };
}

function nameStatus(name: ObservedName, releases: readonly ObservedRelease[], environment: string): NameStatus {
  const { owner } = name;
  const foreign = owner === undefined ? undefined : ownerProblem(name.name, owner, environment);
  return {
    name: name.name,
    values: (name.records ?? []).flatMap(({ values }) => values),
    to: pointsTo(name, releases),
    ...(owner?.owner === undefined ? {} : { owner: owner.owner }),
    problems: foreign === undefined ? name.problems : [...name.problems, foreign],
  };
}
