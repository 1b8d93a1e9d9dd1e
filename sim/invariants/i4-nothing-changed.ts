// I4, fail before the swap, and nothing changed: names and live release are as the run found them; a run that fails later leaves
// all names on one release. The candidate is gone, or kept as configured, or left by a run that led no name to it and that nobody
// answered any more. A rehearsal and a pruning never touch a name, and a rollback goes back by one release.

import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { RecordSet } from '../../src/drivers/dns/dns.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { watchRollbacks } from './one-step-back.ts';
import { isRequest, planOf, same, succeeded, type Invariant, type Scene } from './scene.ts';

interface Before {
  readonly names: ReadonlyMap<string, readonly RecordSet[]>;
  readonly live: string | undefined;
  readonly objects: string;
}

export const nothingChanged: Invariant = (scene) => {
  const { production: { world, names }, records, violate } = scene;
  watchRollbacks(scene);
  const befores = new Map<string, Before>();
  const heard = new Hearing(scene);
  records.onWrite((now, earlier) => {
    const live = planOf(now)?.previous?.name;
    if (earlier === undefined) befores.set(now.id, { names: new Map(names.map((name) => [name, world.dns.held(name)])), live, objects: objectsOf(live, scene) });
    const before = befores.get(now.id);
    if (before === undefined || earlier?.outcome === now.outcome) return;
    const left = heard.wasLeftAlone(now) ? [] : remaining(now, scene);
    if (now.outcome === 'failed' || now.outcome === 'restored') for (const problem of [...differences(before, scene), ...left]) violate(`run ${now.id} ended as ${now.outcome}, and ${problem}`);
  });
  world.onTraffic((traffic) => {
    const { request, moment } = traffic;
    if (moment !== 'done' || !isRequest(request, 'dns', 'change') || !succeeded(traffic)) return;
    const record = records.ofProcess(request.process);
    if (record?.operation === 'rehearse' || record?.operation === 'prune') violate(`a run that only should ${record.operation} changed names: ${request.text}`);
  });
  return undefined;
};

const liveKinds = [kinds.deployment, kinds.statefulSet, kinds.daemonSet, kinds.service, kinds.cronJob];

/** What an operator would see as changed: what is wanted, not what controllers report. */
function objectsOf(release: string | undefined, { production: { world } }: Scene): string {
  if (release === undefined) return '';
  const objects = liveKinds.flatMap((kind) => world.cluster.inside.store.all(kind, release));
  return objects.map(({ kind, metadata, spec }) => JSON.stringify([kind, metadata.name, metadata.uid, spec])).join('\n');
}

function differences(before: Before, scene: Scene): readonly string[] {
  const { production: { world, others, names } } = scene;
  const moved = names.filter((name) => !others.hasEdited(name) && !same(before.names.get(name) ?? [], world.dns.held(name)));
  const isTouched = before.live !== undefined && others.hasDisturbed(before.live);
  const isOther = !isTouched && before.objects !== objectsOf(before.live, scene);
  return [
    ...moved.map((name) => `${name} is not what it was`),
    ...(isOther ? [`${before.live} is not what it was`] : []),
  ];
}

function remaining(record: RunRecord, { production: { world, others, commands } }: Scene): readonly string[] {
  const plan = planOf(record);
  const isKept = record.failure?.code !== 'Cancelled' && commands.at(-1)?.environment.release.onFailure === 'keep';
  if (plan?.createsCandidate !== true || isKept || others.hasDisturbed(plan.candidate)) return [];
  return world.cluster.inside.store.get(kinds.namespace, undefined, plan.candidate) === undefined ? [] : [`${plan.candidate} is still there`];
}

/**
 * Whether the outside answered a run when it asked last: whom nobody answers may leave the candidate that he led no name to. Another
 * process may write down the end of the run that has left it.
 */
class Hearing {
  readonly #unanswered = new Set<string>();
  readonly #left = new Set<string>();

  constructor({ production: { world }, records }: Scene) {
    world.onTraffic((traffic) => {
      const { request, moment } = traffic;
      // Its own record, its lock and what it tells.
      if (moment !== 'heard' || /^notify|^cluster\.\S+ (configmaps|leases|Lease|events) /.test(request.text)) return;
      const run = records.ofProcess(request.process)?.id ?? '';
      if (succeeded(traffic)) this.#unanswered.delete(run);
      else this.#unanswered.add(run);
    });
    records.onWrite((now, earlier) => {
      if (isUndone(now) && !isUndone(earlier) && this.#unanswered.has(now.id)) this.#left.add(now.id);
    });
  }

  wasLeftAlone({ id, outcome, failure, steps }: RunRecord): boolean {
    const mayBePublic = steps.some(({ name, noted }) => name === 'swapNames' && noted !== undefined);
    return outcome === 'failed' && failure?.code !== 'Cancelled' && !mayBePublic && (this.#unanswered.has(id) || this.#left.has(id));
  }
}

function isUndone(record: RunRecord | undefined): boolean {
  return record?.steps.some(({ name, state }) => name === 'installRelease' && state === 'undone') === true;
}
