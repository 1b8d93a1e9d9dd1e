// What a real cluster and its people do besides, for minutes or hours: a node short of memory, a quota that leaves no room for a second copy,
// a namespace that stays Terminating, a lock put on by hand, pods that come and go, a name server that is long behind. Chosen by chance of its own, so that a day without them stays the day it was.

import { kinds } from '../src/drivers/cluster/objects.ts';
import { pick, type Play } from './actors/play.ts';
import type { Behaviour } from './behaviour.ts';
import { mend } from './cluster/pods.ts';
import { same } from './invariants/scene.ts';
import type { Random } from './random.ts';

export const hardshipKinds = ['pressure', 'quota', 'terminating', 'handLock', 'flapping', 'breaking', 'lateServer'] as const;
export type HardshipKind = (typeof hardshipKinds)[number];

/** Few enough that most days have at most one or two. Pods that are there already do not flap, and a server that nobody asks is late in vain. */
const shares: Readonly<Record<HardshipKind, number>> = { pressure: 0.1, quota: 0.1, terminating: 0.1, handLock: 0.1, flapping: 0.25, breaking: 0.2, lateServer: 0.2 };

/** `wanted`: only these, and each of them for certain. */
export function chooseHardships(random: Random, wanted: readonly string[] | undefined): readonly HardshipKind[] {
  return hardshipKinds.filter((kind) => (wanted === undefined ? random.next() < shares[kind] : wanted.includes(kind)));
}

type Hardship = (play: Play) => () => void;

const hardships: Readonly<Record<HardshipKind, Hardship>> = { pressure, quota, terminating, handLock, flapping, breaking, lateServer };

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
  let hasBegun = false;
  const end = (): void => {
    if (hasBegun) takeAway(behaviours, key, behaviour);
    hasBegun = false;
  };
  atOnceOrSometime(play, () => {
    if (behaviours.has(key)) return;
    hasBegun = true;
    note(what);
    behaviours.set(key, behaviour);
    world.clock.after(forMs, end);
  });
  return end;
}

/** What else is known of how it behaves stays. */
function takeAway(behaviours: Map<string, Behaviour>, key: string, behaviour: Behaviour): void {
  const others = Object.entries(behaviours.get(key) ?? {}).filter(([name]) => !(name in behaviour));
  if (others.length === 0) behaviours.delete(key);
  else behaviours.set(key, Object.fromEntries(others));
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

/** Pods that are made meanwhile: those of a candidate, which may be the public's before they have calmed down. */
function flapping(play: Play): () => void {
  const { random } = play;
  const flaps = { everyMs: random.between(300, 8_000), times: random.between(1, 8) };
  return ailing(play, `pods that start flap ${flaps.times} times, each ${flaps.everyMs} ms`, { flaps });
}

/** The pods of a candidate break, before it is the public's or after; in the end somebody mends them. */
function breaking(play: Play): () => void {
  const { random, stage: { production: { world } } } = play;
  const breaksAfterMs = random.between(100, 20_000);
  const end = ailing(play, `pods that start break after ${breaksAfterMs} ms`, { breaksAfterMs });
  return () => {
    end();
    mend(world.cluster.inside);
  };
}

/** Beside whatever else becomes of them, such as that they take long. */
function ailing(play: Play, what: string, ailment: Behaviour): () => void {
  const { stage: { production: { world: { cluster: { behaviours }, clock } } }, random, note } = play;
  const key = 'Deployment/web';
  const forMs = random.between(60_000, 400_000);
  const end = (): void => takeAway(behaviours, key, ailment);
  atOnceOrSometime(play, () => {
    note(what);
    behaviours.set(key, { ...behaviours.get(key), ...ailment });
    clock.after(forMs, end);
  });
  return end;
}

/** One of the authoritative servers serves what it served, for long, and then catches up. */
function lateServer(play: Play): () => void {
  const { stage: { production: { names, world } }, random, note, met } = play;
  const forMs = random.between(20_000, 1_200_000);
  const server = pick(random, names.flatMap((name) => world.dns.served(name)))?.server.name;
  let isLate = false;
  const differs = (): boolean => names.some((name) => world.dns.served(name).some((one) => one.server.name === server && !same(one.records, world.dns.held(name))));
  const end = (): void => {
    if (!isLate || server === undefined) return;
    isLate = false;
    if (differs()) met('zones that disagree');
    world.dns.freeze(server, { frozen: false });
  };
  atOnceOrSometime(play, () => {
    if (server === undefined) return;
    note(`${server} serves for ${Math.round(forMs / 1_000)} s what it serves now`);
    isLate = true;
    world.dns.freeze(server);
    world.clock.after(forMs, end);
  });
  return end;
}
