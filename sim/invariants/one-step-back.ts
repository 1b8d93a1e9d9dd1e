// I4, no release too far: whoever asks for a rollback, and names no release, is led to the one that the public was on before, and not
// to one before that. Which was live when is told by the names, whenever a run had ended well.

import { kinds } from '../../src/drivers/cluster/objects.ts';
import { annotations, labels } from '../../src/plan/ownership.ts';
import { isUnfinished } from '../../src/run/record.ts';
import type { Intent } from '../../src/session/intend.ts';
import { heldReleases, movedBy } from './moves.ts';
import { planOf, succeeded, type Scene } from './scene.ts';

export function watchRollbacks(scene: Scene): void {
  const { production, locks, records, violate } = scene;
  const { world, names, commands } = production;
  const history = [...servedBefore(scene)];
  /** By process. */
  const allowed = new Map<number, ReadonlySet<string> | undefined>();
  records.onWrite(({ outcome }, before) => {
    const [release, ...further] = heldReleases(names, production);
    if (outcome !== 'succeeded' || before?.outcome === outcome || release === undefined || further.length > 0 || history.at(-1) === release) return;
    history.push(release);
    // Whoever goes on with a rollback after another's run has ended well goes back from there.
    for (const [process, known] of allowed) allowed.set(process, known && merged(known, reachable(history, scene)));
  });
  world.onTraffic((traffic) => {
    const { request: { process }, moment } = traffic;
    const asked = commands.find((command) => command.process === process)?.intent as Intent | undefined;
    if (asked?.operation !== 'rollback' || asked.to !== undefined || !locks.isHeldBy(process)) return;
    if (!allowed.has(process)) allowed.set(process, reachable(history, scene));
    const release = moment === 'done' && succeeded(traffic) ? movedBy(traffic, production)?.release : undefined;
    if (release !== undefined && allowed.get(process)?.has(release) === false) violate(`a rollback that named no release has led names to ${release}, and the public was on ${history.at(-1)} before it`);
  });
}

/** By what the marks told before the first run that is watched. */
function servedBefore({ production: { world } }: Scene): readonly string[] {
  const served = world.cluster.inside.store.all(kinds.namespace).filter(({ metadata }) => ['live', 'previous'].includes(metadata.annotations?.[annotations.state] ?? ''));
  const since = ({ metadata }: (typeof served)[number]): string => metadata.annotations?.[annotations.liveSince] ?? '';
  return served.toSorted((left, right) => (since(left) < since(right) ? -1 : 1)).map(({ metadata }) => metadata.name);
}

/** Where one step back may lead from what the names hold now; undefined: nobody knows what was before. */
function reachable(history: readonly string[], { production, records }: Scene): ReadonlySet<string> | undefined {
  const named = heldReleases(production.names, production);
  const live = history.at(-1);
  if (live === undefined || production.names.some((name) => production.others.hasEdited(name))) return undefined;
  // Another rollback may be under way, also to a release that was named: it is gone on with.
  const underWay = records.all().filter((record) => record.operation === 'rollback' && isUnfinished(record)).flatMap((record) => planOf(record)?.candidate ?? []);
  // Somebody was on his way to another release, which nobody has confirmed: to go back is to go to the one before.
  const isMoving = [...named].some((release) => release !== live);
  const before = isMoving ? [live] : previous(history, production);
  return before.length === 0 ? undefined : new Set([...named, ...underWay, ...before]);
}

/** The release that was live last and is there still; of one that somebody has touched nobody knows whether it counts. */
function previous(history: readonly string[], { world, others }: Scene['production']): readonly string[] {
  const live = history.at(-1);
  const earlier = [...new Set(history.toReversed())].filter((release) => release !== live && isThere(release, world));
  const first = earlier.findIndex((release) => !others.hasDisturbed(release));
  return first === -1 ? earlier : earlier.slice(0, first + 1);
}

function isThere(release: string, { cluster }: Scene['production']['world']): boolean {
  const namespace = cluster.inside.store.get(kinds.namespace, undefined, release);
  return namespace?.metadata.labels?.[labels.environment] !== undefined && namespace.metadata.deletionTimestamp === undefined;
}

function merged(known: ReadonlySet<string>, more: ReadonlySet<string> | undefined): ReadonlySet<string> {
  return new Set([...known, ...(more ?? [])]);
}
