// What the doctor asks the cluster: its clock, its permissions, the records and the lock in it, and its room. Reads only.

import { kinds } from '../drivers/cluster/objects.ts';
import { failedWith } from '../drivers/failure.ts';
import { observeInstallation } from '../observe/installation.ts';
import { readRecords } from '../observe/records.ts';
import { describeAccess, neededAccess } from '../plan/access.ts';
import { installationProblem } from '../plan/guards.ts';
import { findLive } from '../plan/live.ts';
import { describeLock, lockOf } from '../plan/lock.ts';
import type { Node, Pod } from '../readiness/pod-shapes.ts';
import { count } from '../report/text.ts';
import { isUnfinished } from '../run/record.ts';
import { retry } from '../run/retry.ts';
import { judgeClock } from './clock.ts';
import type { Asking } from './examine.ts';
import { ok, trouble, unless, type Finding } from './finding.ts';
import { judgeRoom, notKnown } from './room.ts';

export async function checkClock({ drivers: { cluster }, ...again }: Asking): Promise<Finding> {
  return retry(async () => {
    const askedAt = again.clock.now();
    const serverTime = await cluster.time();
    return judgeClock({ askedAt, serverTime, answeredAt: again.clock.now() });
  }, again);
}

export async function checkPermissions(asking: Asking): Promise<Finding> {
  const { environment, drivers: { cluster } } = asking;
  const installation = await observeInstallation(asking);
  const questions = neededAccess(environment, { installed: installation !== undefined });
  const answers = await retry(() => cluster.allowed(questions), asking);
  const elsewhere = installation === undefined ? undefined : installationProblem(environment, installation);
  const denied = questions.filter((_, index) => answers[index] !== true).map((question) => `this account may not ${describeAccess(question)}`);
  const who = installation === undefined ? 'no runner is installed, Helm works with this account’s own rights' : 'a runner is installed, Helm works as the installer of each release';
  return unless([...(elsewhere === undefined ? [] : [elsewhere]), ...denied], 'permissions', {
    fine: `all ${questions.length} that a run needs are there; ${who}`,
    remedy: 'Give this account what is named above, or install the chart, whose roles have it',
  });
}

/** A record that cannot be read stops every run: it may be an unfinished one. */
export async function checkRecords({ environment, drivers, ...again }: Asking): Promise<Finding> {
  const [stored, lease] = await Promise.all([retry(() => readRecords(drivers.records), again), retry(() => drivers.lease.read(), again)]);
  const lock = lockOf(lease?.lease);
  if (lock !== undefined) {
    return trouble('records', { verdict: 'warning', found: [`every run is refused: ${describeLock(lock)}`], remedy: 'When the reason has passed: changeover lock release' });
  }
  const unfinished = stored.filter(({ record }) => isUnfinished(record)).map(({ record }) => record.id);
  const rest = unfinished.length === 0 ? '' : `; ${unfinished.join(', ')} is not finished`;
  return ok('records', `${count(stored.length, 'record')} in namespace ${environment.runner.namespace} can be read${rest}`);
}

export async function checkRoom(asking: Asking): Promise<Finding> {
  const { drivers: { cluster } } = asking;
  try {
    const [releases, names] = await Promise.all([asking.releases(), asking.names()]);
    const live = findLive(names, releases).release;
    if (live === undefined) return notKnown('there is no live release to measure by');
    const [nodes, pods] = await Promise.all([retry(() => cluster.list(kinds.node, {}), asking), retry(() => cluster.list(kinds.pod, {}), asking)]);
    return judgeRoom({ release: live.name, nodes: nodes.items as readonly Node[], pods: pods.items as readonly Pod[] });
  } catch (error) {
    if (failedWith(error, 'forbidden')) return notKnown('this account may not list the nodes, or the pods of all namespaces');
    return notKnown(error instanceof Error ? error.message : String(error));
  }
}
