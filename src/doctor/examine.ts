// Everything that a run needs, looked at without one: each check by itself, so that one trouble hides no other. Reads only.

import { asFailure } from '../drivers/failure.ts';
import { observeInstallation } from '../observe/installation.ts';
import { observeNames } from '../observe/names.ts';
import { observeReleases } from '../observe/observe.ts';
import { rightCluster } from '../plan/guards.ts';
import type { Installation, ObservedName, ObservedRelease } from '../plan/observed.ts';
import { retry, type RetryOptions } from '../run/retry.ts';
import type { Reading } from '../session/session.ts';
import { checkClock, checkNamespace, checkPermissions, checkRecords } from './cluster-checks.ts';
import { trouble, unless, type Finding } from './finding.ts';
import { checkLive, checkNames } from './name-checks.ts';
import { checkChart, checkHelm, checkSecrets } from './release-checks.ts';
import { checkQuota, checkRoom } from './room-checks.ts';
import { judgeSchedule } from './schedule.ts';

export interface Examination {
  readonly environment: string;
  readonly cluster: string;
  readonly findings: readonly Finding[];
  readonly written: 'nothing';
}

export interface Asking extends Pick<Reading, 'environment' | 'drivers'>, RetryOptions {
  /** Asked once, for all checks that need them. */
  readonly names: () => Promise<readonly ObservedName[]>;
  readonly releases: () => Promise<readonly ObservedRelease[]>;
  readonly installation: () => Promise<Installation | undefined>;
}

type Check = (asking: Asking) => Promise<Finding>;

/** In the order in which one would mend what is wrong. */
const checks: Readonly<Record<string, Check>> = {
  clock: checkClock,
  permissions: checkPermissions,
  namespace: checkNamespace,
  records: checkRecords,
  helm: checkHelm,
  secrets: checkSecrets,
  chart: checkChart,
  names: checkNames,
  live: checkLive,
  schedule: async ({ environment, clock }) => judgeSchedule(environment, clock.now()),
  room: checkRoom,
  quota: checkQuota,
};

/** Never rejects for what is found: only when it is stopped. */
export async function examine({ environment, drivers, clock, stop }: Omit<Reading, 'say'>): Promise<Examination> {
  const again = { clock, signal: stop, attempts: 3 };
  const named = { environment: environment.environment, cluster: environment.cluster, written: 'nothing' } as const;
  const cluster = await guarded('cluster', async () => {
    const identity = await retry(() => drivers.cluster.identity(), again);
    const fine = `${identity.context ?? 'the pod’s own'} at ${identity.server}, ${identity.version}`;
    return unless(rightCluster(environment, { identity }), 'cluster', { fine, remedy: 'Switch the context (kubectl config use-context NAME), or correct `cluster` in the environment file' });
  });
  // Of another cluster nothing is asked, and one that does not answer would let each check wait for it.
  if (cluster.verdict !== 'ok') return { ...named, findings: [cluster] };
  const options = { environment, drivers, ...again };
  const asking: Asking = {
    ...options,
    names: once(() => observeNames({ ...options, forChange: true })),
    releases: once(() => observeReleases(options)),
    installation: once(() => observeInstallation(options)),
  };
  const findings = await Promise.all(Object.entries(checks).map(([name, check]) => guarded(name, () => check(asking))));
  stop.throwIfAborted();
  return { ...named, findings: [cluster, ...findings] };
}

async function guarded(name: string, check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    const { facts, next } = asFailure(error);
    return trouble(name, { verdict: 'failed', found: [facts.summary, ...(facts.details ?? [])], remedy: next });
  }
}

function once<T>(question: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= question());
}

/** 1 when a run would be refused or would fail; what is only not known, or to be watched, is no failure. */
export function exitCodeOf({ findings }: Pick<Examination, 'findings'>): 0 | 1 {
  return findings.some(({ verdict }) => verdict === 'failed') ? 1 : 0;
}

