// Takes over a release that somebody else installed, or gives it back. Under the lock; done twice it changes nothing the second time.

import { Failure } from '../errors.ts';
import { kinds, type Kind, type KubernetesObject } from '../drivers/cluster/objects.ts';
import { fenced } from '../drivers/fence.ts';
import { observeInstallation } from '../observe/installation.ts';
import { observeNames } from '../observe/names.ts';
import { adoptionPatch, judgeAdoption, undoPatch, type Adoption, type Candidate } from '../plan/adoption.ts';
import { labels, ownedNamespace } from '../plan/ownership.ts';
import { describeReleaseAccess, releaseAccess } from '../plan/release-access.ts';
import { timestamp, type Clock } from '../run/clock.ts';
import { retry } from '../run/retry.ts';
import { ensureAccess } from '../steps/access.ts';
import { underLock } from './lock.ts';
import type { Reading, Session } from './session.ts';
import { unfinishedRuns } from './resume.ts';

type AdoptSession = Omit<Session, 'report'>;

export interface AdoptionPlan {
  readonly adoption: Adoption;
  readonly namespace: KubernetesObject;
  /** Made in the namespace, when a runner is installed; else none. */
  readonly access: readonly string[];
}

/** Reads only. Rejects with Failure 'GuardFailed' that tells everything that stands against it. */
export async function planAdoption(name: string, reading: Reading): Promise<AdoptionPlan> {
  const candidate = await readCandidate(name, reading);
  const verdict = judgeAdoption(candidate, reading.environment);
  if ('refusals' in verdict || candidate.namespace === undefined) throw refused(name, 'refusals' in verdict ? verdict.refusals : [], reading.clock);
  const isInstalled = (await observeInstallation(again(reading))) !== undefined;
  return { adoption: verdict.adoption, namespace: candidate.namespace, access: isInstalled ? describeReleaseAccess(name, reading.environment) : [] };
}

/** What is done is what is found under the lock, not what was shown before it. */
export async function adopt(name: string, session: AdoptSession): Promise<AdoptionPlan> {
  return underLock(session, async (lease) => {
    const own = { ...session, drivers: fenced(session.drivers, () => lease.assertHeld()) };
    const plan = await planAdoption(name, own);
    const { adoption, namespace, access } = plan;
    const { environment, drivers, say } = own;
    // Rights first: they stand for nothing without the marks, and the marks must not stand without them.
    if (access.length > 0) {
      const remind = (awaited: readonly string[]): void => say(`waiting for ${awaited.join(', ')}`);
      await ensureAccess({ name, namespaceUid: adoption.uid }, { ...again(own), remind });
    }
    if (!adoption.isDone) {
      const patch = adoptionPatch(adoption, { environment: environment.environment, at: timestamp(own.clock), epoch: lease.epoch, namespace });
      await retry(() => drivers.cluster.patch({ kind: kinds.namespace, name }, patch), again(own));
    }
    await confirm(name, own, (found) => ownedNamespace(found, environment.environment) !== undefined);
    return plan;
  });
}

/** Removes our marks and bindings; release, namespace and names stay as they are. Rejects with Failure 'GuardFailed'. */
export async function giveBack(name: string, session: AdoptSession): Promise<void> {
  await underLock(session, async (lease) => {
    const own = { ...session, drivers: fenced(session.drivers, () => lease.assertHeld()) };
    const { environment, drivers: { cluster } } = own;
    const { owned, patch } = await assertAdopted(name, own);
    const [unfinished] = await unfinishedRuns(own);
    if (unfinished !== undefined) throw refused(name, [`run ${unfinished.record.id} is not finished, and may have to do with it`], own.clock);
    const { bindings, account } = releaseAccess({ name, namespaceUid: owned.uid }, environment);
    for (const { kind, object } of [{ kind: kinds.serviceAccount, object: account }, ...bindings]) await removeOwn(kind, object, own);
    await retry(() => cluster.patch({ kind: kinds.namespace, name }, patch), again(own));
    await confirm(name, own, (found) => ownedNamespace(found, environment.environment) === undefined);
  });
}

/** Reads only. Rejects with Failure 'GuardFailed' when it was never adopted: what a run has created is not given away. */
export async function assertAdopted(name: string, { environment, drivers: { cluster }, clock, stop }: Omit<Reading, 'say'>) {
  const namespace = await retry(() => cluster.get({ kind: kinds.namespace, name }), { clock, signal: stop });
  const owned = namespace === undefined ? undefined : ownedNamespace(namespace, environment.environment);
  const patch = namespace === undefined || owned === undefined ? undefined : undoPatch(namespace);
  if (owned === undefined || patch === undefined) throw refused(name, [`namespace ${name} was not adopted by this environment`], clock);
  return { owned, patch };
}

/** Of the kinds in which something works, serves, or holds data. */
const lookedAt: readonly Kind[] = [kinds.deployment, kinds.statefulSet, kinds.daemonSet, kinds.replicaSet, kinds.cronJob, kinds.job, kinds.pod, kinds.service, kinds.persistentVolumeClaim];

async function readCandidate(name: string, reading: Reading): Promise<Candidate> {
  const { drivers } = reading;
  const options = again(reading);
  const namespace = await retry(() => drivers.cluster.get({ kind: kinds.namespace, name }), options);
  if (namespace === undefined) return { name, namespace, helmReleases: [], objects: [], names: [] };
  const [helmReleases, names, ...lists] = await Promise.all([
    retry(() => drivers.helm.list(name), options),
    observeNames({ ...options, forChange: false }),
    ...lookedAt.map((kind) => retry(() => drivers.cluster.list(kind, { namespace: name }), options)),
  ]);
  return { name, namespace, helmReleases, objects: lists.flatMap(({ items }) => items), names };
}

async function removeOwn(kind: Kind, { metadata: { name, namespace } }: KubernetesObject, session: AdoptSession): Promise<void> {
  const { environment, drivers: { cluster } } = session;
  const reference = { kind, name, ...(namespace === undefined ? {} : { namespace }) };
  const found = await retry(() => cluster.get(reference), again(session));
  const { uid, labels: marks } = found?.metadata ?? {};
  if (uid === undefined || marks?.[labels.environment] !== environment.environment) return;
  await retry(() => cluster.delete(reference, uid), again(session));
}

async function confirm(name: string, session: AdoptSession, holds: (namespace: KubernetesObject) => boolean): Promise<void> {
  const found = await retry(() => session.drivers.cluster.get({ kind: kinds.namespace, name }), again(session));
  if (found === undefined || !holds(found)) throw new Failure('OutsideFailed', { summary: `the marks of namespace ${name} are not what was written`, object: `Namespace ${name}` });
}

function refused(name: string, [first = 'no reason is given', ...details]: readonly string[], clock: Clock): Failure {
  return new Failure('GuardFailed', { summary: first, object: `Namespace ${name}`, since: timestamp(clock), details, next: 'Mend what is named above, then try again' });
}

function again({ environment, drivers, clock, stop }: Omit<Reading, 'say'>) {
  return { environment, drivers, clock, signal: stop };
}
