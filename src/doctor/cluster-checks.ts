// What the doctor asks the cluster: its clock, its permissions, the runner's namespace, the records and the lock in it. Reads only.

import type { Access } from '../drivers/cluster/cluster.ts';
import { kinds } from '../drivers/cluster/objects.ts';
import { failedWith } from '../drivers/failure.ts';
import { readRecords } from '../observe/records.ts';
import { describeAccess, neededAccess, usefulAccess } from '../plan/access.ts';
import { installationProblem } from '../plan/guards.ts';
import { describeLock, lockOf } from '../plan/lock.ts';
import { count } from '../report/text.ts';
import { isUnfinished } from '../run/record.ts';
import { retry } from '../run/retry.ts';
import { judgeClock } from './clock.ts';
import type { Asking } from './examine.ts';
import { ok, trouble, unless, type Finding } from './finding.ts';

export async function checkClock({ drivers: { cluster }, ...again }: Asking): Promise<Finding> {
  return retry(async () => {
    const askedAt = again.clock.now();
    const serverTime = await cluster.time();
    return judgeClock({ askedAt, serverTime, answeredAt: again.clock.now() });
  }, again);
}

export async function checkPermissions(asking: Asking): Promise<Finding> {
  const { environment, drivers: { cluster } } = asking;
  const installation = await asking.installation();
  const needed = neededAccess(environment, { installed: installation !== undefined });
  const useful = usefulAccess(environment);
  const answers = await retry(() => cluster.allowed([...needed, ...useful]), asking);
  const elsewhere = installation === undefined ? undefined : installationProblem(environment, installation);
  const missing = needed.filter((_, index) => answers[index] !== true).map(mayNot);
  const lesser = useful.filter((_, index) => answers[needed.length + index] !== true).map(mayNot);
  const serious = [...(elsewhere === undefined ? [] : [elsewhere]), ...missing];
  const remedy = 'Give this account what is named above, or install the chart, whose roles have it';
  if (serious.length === 0 && lesser.length > 0) return trouble('permissions', { verdict: 'warning', found: [...lesser, 'runs go well without, but their old records stay, or they tell no Events'], remedy });
  const who = installation === undefined ? 'no runner is installed, Helm works with this account’s own rights' : 'a runner is installed, Helm works as the installer of each release';
  return unless(serious.length === 0 ? [] : [...serious, ...lesser], 'permissions', { fine: `all ${answers.length} that a run needs are there; ${who}`, remedy });
}

function mayNot(question: Access): string {
  return `this account may not ${describeAccess(question)}`;
}

/** The installed runner keeps to `restricted` by itself; enforced, it holds for whatever else comes to lie beside its Secrets. */
export async function checkNamespace(asking: Asking): Promise<Finding> {
  const name = asking.environment.runner.namespace;
  if ((await asking.installation()) === undefined) return ok('namespace', `no runner is installed: nothing runs in ${name}`);
  try {
    const namespace = await retry(() => asking.drivers.cluster.get({ kind: kinds.namespace, name }), asking);
    return judgeNamespace(name, namespace?.metadata.labels);
  } catch (error) {
    if (!failedWith(error, 'forbidden')) throw error;
    return trouble('namespace', { verdict: 'unknown', found: [`this account may not read namespace ${name}`], remedy: `Look with another account: kubectl get namespace ${name} --show-labels` });
  }
}

const podSecurity = 'pod-security.kubernetes.io/enforce';

/** Pure. */
export function judgeNamespace(name: string, labels: Readonly<Record<string, string>> = {}): Finding {
  const level = labels[podSecurity];
  if (level === 'restricted') return ok('namespace', `Pod Security restricted is enforced on ${name}`);
  const found = `namespace ${name} ${level === undefined ? 'enforces no Pod Security of its own' : `enforces Pod Security ${level}`}; the runner keeps to restricted`;
  return trouble('namespace', { verdict: 'warning', found: [found], remedy: `To hold everything in it to that: kubectl label namespace ${name} --overwrite ${podSecurity}=restricted` });
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
