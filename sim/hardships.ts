// What a real cluster and its people do besides, for minutes or hours: a node short of memory, a quota that leaves no room for a second copy,
// a namespace that stays Terminating, a lock put on by hand. Chosen by chance of its own, so that a day without them stays the day it was.

import { kinds } from '../src/drivers/cluster/objects.ts';
import { pick, type Play } from './actors/play.ts';
import type { Behaviour } from './behaviour.ts';
import type { Random } from './random.ts';

export const hardshipKinds = ['pressure', 'quota', 'terminating', 'handLock'] as const;
export type HardshipKind = (typeof hardshipKinds)[number];

/** Few enough that most days have at most one. */
const share = 0.1;

/** `wanted`: only these, and each of them for certain. */
export function chooseHardships(random: Random, wanted: readonly string[] | undefined): readonly HardshipKind[] {
  return hardshipKinds.filter((kind) => (wanted === undefined ? random.next() < share : wanted.includes(kind)));
}

type Hardship = (play: Play) => () => void;

const hardships: Readonly<Record<HardshipKind, Hardship>> = { pressure, quota, terminating, handLock };

/** Returns what ends them: what somebody has put on by hand he takes off himself. */
export function inflict(play: Play, chosen: readonly HardshipKind[]): () => void {
  const ends = chosen.map((kind) => hardships[kind](play));
  return () => {
    for (const end of ends) end();
  };
}

/** Before they are ready: a release that serves with one pod, and loses it, is nobody's fault, and no invariant could tell that from ours. */
const youngMs = 900;

function pressure(play: Play): () => void {
  const { random } = play;
  const workload = pick(random, ['Deployment/web', 'Job/loader']) ?? 'Deployment/web';
  const behaviour = { evictedAfterMs: random.between(100, youngMs), evictions: random.between(1, 3) };
  return lasting(play, { what: `the nodes are short of memory, and pods of ${workload} are evicted`, key: workload, behaviour, forMs: random.between(5_000, 60_000) });
}

function quota(play: Play): () => void {
  return lasting(play, { what: 'the quota leaves no room for pods of a second copy', key: 'Deployment/web', behaviour: { outcome: 'quota' }, forMs: play.random.between(5_000, 120_000) });
}

interface Lasting {
  readonly what: string;
  /** Of the behaviours. */
  readonly key: string;
  readonly behaviour: Behaviour;
  readonly forMs: number;
}

/** What a scenario is about already stays as it is. */
function lasting(play: Play, { what, key, behaviour, forMs }: Lasting): () => void {
  const { stage: { production: { world } }, note } = play;
  const { behaviours } = world.cluster;
  const end = (): void => {
    if (behaviours.get(key) === behaviour) behaviours.delete(key);
  };
  atOnceOrSometime(play, () => {
    if (behaviours.has(key)) return;
    note(what);
    behaviours.set(key, behaviour);
    world.clock.after(forMs, end);
  });
  return end;
}

/** Most of what it is about is made in the first seconds. */
function atOnceOrSometime({ random, sometime }: Play, begin: () => void): void {
  if (random.next() < 0.5) begin();
  else sometime(begin);
}

/** Whatever is deleted from now on lingers; in the end somebody removes the finalizers. */
function terminating(play: Play): () => void {
  const { stage: { production }, random, note } = play;
  const { cluster } = production.world;
  const afterMs = random.between(60_000, 10_800_000);
  const stuck = new Set<string>();
  atOnceOrSometime(play, () => {
    note(`namespaces stay Terminating for ${Math.round(afterMs / 1_000)} s`);
    for (const release of production.releases()) {
      stuck.add(release);
      cluster.behaviours.set(`Namespace/${release}`, { afterMs });
    }
  });
  return () => {
    for (const release of stuck) {
      cluster.behaviours.delete(`Namespace/${release}`);
      const found = cluster.inside.store.get(kinds.namespace, undefined, release);
      // A change of it wakes its controller.
      if (found !== undefined) cluster.inside.store.put(kinds.namespace, { ...found, metadata: { ...found.metadata, annotations: { ...found.metadata.annotations, 'example.org/freed': 'yes' } } });
    }
  };
}

function handLock({ stage: { production: { world } }, random, note, sometime, start }: Play): () => void {
  const forMs = random.between(1_000, 120_000);
  sometime(async () => {
    note('somebody locks the environment by hand');
    await start({ type: 'lock', reason: 'the network is rebuilt' });
    world.clock.after(forMs, () => void start({ type: 'unlock' }));
  });
  return () => {
    const isLocked = world.cluster.inside.store.all(kinds.lease).some(({ metadata }) => metadata.annotations?.['changeover.dev/locked'] !== undefined);
    if (isLocked) void start({ type: 'unlock' });
  };
}
