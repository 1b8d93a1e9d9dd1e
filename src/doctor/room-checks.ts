// What the doctor asks about a second copy of what is live: whether the nodes have room for it, and whether a quota lets it in. Reads only;
// what an account may not see, it is not asked for: a refused request of an installed runner stays worth an alarm.

import type { Access } from '../drivers/cluster/cluster.ts';
import { kinds } from '../drivers/cluster/objects.ts';
import { findLive } from '../plan/live.ts';
import type { Node, Pod } from '../readiness/pod-shapes.ts';
import { retry } from '../run/retry.ts';
import type { Asking } from './examine.ts';
import type { Finding } from './finding.ts';
import { judgeQuotas, quotaNotKnown, type ResourceQuota } from './quota.ts';
import { judgeRoom, notKnown } from './room.ts';

const noLive = 'there is no live release to measure by';

export async function checkRoom(asking: Asking): Promise<Finding> {
  const { drivers: { cluster } } = asking;
  try {
    const live = await liveRelease(asking);
    if (live === undefined) return notKnown(noLive);
    if (!(await may(asking, [{ group: '', resource: 'nodes', verb: 'list' }, { group: '', resource: 'pods', verb: 'list' }]))) return notKnown('this account may not list the nodes and the pods of all namespaces', await remedy(asking));
    const [nodes, pods] = await Promise.all([retry(() => cluster.list(kinds.node, {}), asking), retry(() => cluster.list(kinds.pod, {}), asking)]);
    return judgeRoom({ release: live, nodes: nodes.items as readonly Node[], pods: pods.items as readonly Pod[] });
  } catch (error) {
    return notKnown(told(error));
  }
}

/** A release's namespace is made by the run, and a quota comes upon it only then; so the live one's is what there is to go by. */
export async function checkQuota(asking: Asking): Promise<Finding> {
  const { drivers: { cluster } } = asking;
  try {
    const live = await liveRelease(asking);
    if (live === undefined) return quotaNotKnown(noLive);
    if (!(await may(asking, [{ group: '', resource: 'resourcequotas', verb: 'list', namespace: live }]))) return quotaNotKnown(`this account may not list the ResourceQuotas of ${live}`);
    const { items } = await retry(() => cluster.list(kinds.resourceQuota, { namespace: live }), asking);
    return judgeQuotas(live, items as readonly ResourceQuota[]);
  } catch (error) {
    return quotaNotKnown(told(error));
  }
}

async function liveRelease({ names, releases }: Asking): Promise<string | undefined> {
  const [seen, there] = await Promise.all([names(), releases()]);
  return findLive(seen, there).release?.name;
}

async function may({ drivers: { cluster }, ...again }: Asking, questions: readonly Access[]): Promise<boolean> {
  return (await retry(() => cluster.allowed(questions), again)).every(Boolean);
}

async function remedy({ installation }: Asking): Promise<string | undefined> {
  return (await installation()) === undefined ? undefined : 'To let the installed runner look: runner.readNodes: true, and helm upgrade';
}

function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
