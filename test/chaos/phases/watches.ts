// Watches behind a proxy: how soon a silent one and a cut one are noticed, and whether anything is missed while they are cut, refused and
// told that they are too old. The program's own mirror of the cluster, on a namespace in which something changes all the time.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connectCluster, type ConnectedCluster } from '../../../src/drivers/cluster/client.ts';
import { kinds } from '../../../src/drivers/cluster/objects.ts';
import { systemClock } from '../../../src/run/system-clock.ts';
import { openMirror, type Mirror } from '../../../src/watch/mirror.ts';
import { apiProxy, type ApiProxy } from '../support/api-proxy.ts';
import { chanceFaults, type Faults } from '../support/faults.ts';
import { administrator, leadingTo } from '../support/identities.ts';
import { percentile } from '../support/percentile.ts';
import type { Phase } from '../support/rounds.ts';
import type { Tally } from '../support/tally.ts';

const namespace = 'chaos-watches';
const goals = { stalledMs: 75_000, cutMs: 2_000, finalMs: 30_000 };
const stalled = `a stalled watch: from the last word to the next list (goal: ≤ ${goals.stalledMs / 1_000} s)`;
const cut = `a cut watch: until it is asked for again (goal: ≤ ${goals.cutMs / 1_000} s)`;
const final = 'after the last injection: until the last state is known';

export async function watches(phase: Phase): Promise<void> {
  const { tally, stage } = phase;
  const directory = await mkdtemp(join(tmpdir(), 'changeover-watches-'));
  const straight = await connectCluster({ kubeconfig: stage.connection.kubeconfig });
  try {
    await clear(straight);
    await straight.create(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    // What is timed is not done beside what keeps this process busy.
    await Promise.all([stall({ phase, directory, straight }), cuts({ phase, directory, straight }).then(() => chances({ phase, directory, straight }))]);
    if (percentile(tally.timesOf(stalled), 1) > goals.stalledMs) tally.violation('a stalled watch was noticed too late');
    if (percentile(tally.timesOf(cut), 1) > goals.cutMs) tally.violation('a cut watch was resumed too late');
  } finally {
    await clear(straight);
    await rm(directory, { recursive: true });
  }
}

interface Scene {
  readonly phase: Phase;
  readonly directory: string;
  readonly straight: ConnectedCluster;
}

/** Mirrors that all look through one proxy at the one object that this part of the phase changes. */
interface Watching {
  readonly proxy: ApiProxy;
  /** Changes the object; resolves to its new state. */
  change(): Promise<string>;
  /** How many mirrors do not know this state yet. */
  behind(state: string): number;
  close(): Promise<void>;
}

const harmless: Faults = { api: () => undefined, watch: () => undefined, dns: () => undefined, delayMs: () => 0, count: () => 0, stop: () => undefined, goOn: () => undefined };

async function watching({ phase: { stage }, directory, straight }: Scene, name: string, { faults, mirrors: count }: { readonly faults: Faults; readonly mirrors: number }): Promise<Watching> {
  const ref = { kind: kinds.configMap, name, namespace };
  await straight.create(kinds.configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { state: '0' } });
  const proxy = await apiProxy(stage.connection, { faults, directory });
  const kubeconfig = await administrator(stage.connection, { name: `chaos:watches:${name}`, directory });
  proxy.actAs(kubeconfig);
  const server = await leadingTo(proxy.url, kubeconfig);
  const closing = new AbortController();
  const mirrors: Mirror[] = [];
  for (let index = 0; index < count; index += 1) {
    const cluster = await connectCluster({ kubeconfig: server });
    mirrors.push(openMirror({ cluster, namespace, kinds: [kinds.configMap], clock: systemClock, signal: closing.signal }));
  }
  let state = 0;
  const isBehind = (mirror: Mirror, wanted: string): boolean => {
    const found = mirror.snapshot().objects.find(({ metadata }) => metadata.name === name);
    return (found?.['data'] as { readonly state?: string } | undefined)?.state !== wanted;
  };
  return {
    proxy,
    async change() {
      state += 1;
      await straight.patch(ref, { data: { state: String(state) } });
      return String(state);
    },
    behind: (wanted) => mirrors.filter((mirror) => isBehind(mirror, wanted)).length,
    async close() {
      closing.abort();
      await Promise.all(mirrors.map((mirror) => mirror.close()));
      await proxy.close();
    },
  };
}

/** False when some mirror does not know the state in that time. */
async function allKnow(one: Watching, state: string, withinMs: number): Promise<boolean> {
  for (const until = Date.now() + withinMs; one.behind(state) > 0; await setTimeout(20)) if (Date.now() > until) return false;
  return true;
}

async function stall(scene: Scene): Promise<void> {
  const { tally } = scene.phase;
  const one = await watching(scene, 'stalled', { faults: harmless, mirrors: 8 });
  try {
    await allKnow(one, await one.change(), goals.finalMs);
    const hurt = one.proxy.hurtWatches('stall');
    tally.count('injections', hurt);
    tally.count('of them watch: stall', hurt);
    const from = Date.now();
    const before = one.proxy.seen.length;
    const state = await one.change();
    if (!(await allKnow(one, state, goals.stalledMs + 15_000))) tally.violation('a change was never seen after the watches had stalled');
    for (const { at, isWatch } of one.proxy.seen.slice(before)) if (!isWatch) tally.time(stalled, at - from);
  } finally {
    await one.close();
  }
}

async function cuts(scene: Scene): Promise<void> {
  const { tally, rounds, stop } = scene.phase;
  const one = await watching(scene, 'cut', { faults: harmless, mirrors: 5 });
  try {
    for (let done = 0; done < rounds / 5 && !stop.aborted; ) {
      // What has never brought anything is asked for again with longer and longer pauses.
      await setTimeout(500);
      await allKnow(one, await one.change(), goals.finalMs);
      const from = Date.now();
      const before = one.proxy.seen.length;
      const hurt = cutAll(one, tally);
      done += hurt;
      const state = await one.change();
      if (!(await allKnow(one, state, goals.finalMs))) tally.violation('a change was never seen after the watches were cut');
      const again = () => one.proxy.seen.slice(before).filter(({ isWatch }) => isWatch);
      for (const until = Date.now() + goals.finalMs; again().length < hurt && Date.now() < until; ) await setTimeout(20);
      for (const { at } of again()) tally.time(cut, at - from);
    }
  } finally {
    await one.close();
  }
}

function cutAll({ proxy }: Watching, tally: Tally): number {
  const hurt = proxy.hurtWatches('cut');
  tally.count('injections', hurt);
  tally.count('of them watch: cut, all at once', hurt);
  return hurt;
}

/** Until there were enough injections: then the last state must come to be known by all. */
async function chances(scene: Scene): Promise<void> {
  const { tally, random, rounds, stop } = scene.phase;
  // No watch is spared: one that was would go on for ever, and bring no more injections.
  const faults = chanceFaults(random, tally, { watch: 1 });
  const one = await watching(scene, 'hurt', { faults, mirrors: 10 });
  try {
    let state = await one.change();
    for (let checked = 0; faults.count() < rounds && !stop.aborted; checked += 1) {
      await setTimeout(random.between(50, 400));
      state = await one.change();
      // Now and then nothing more is injected but waited: each such state is the last one for a while.
      if (checked % 20 !== 19) continue;
      faults.stop();
      await known(one, state, scene);
      faults.goOn();
      // Those that began meanwhile are spared for ever.
      cutAll(one, tally);
    }
    faults.stop();
    await known(one, state, scene);
  } finally {
    await one.close();
  }
}

async function known(one: Watching, state: string, { phase: { tally } }: Scene): Promise<void> {
  const from = Date.now();
  tally.count('states that had to come to be known by all mirrors');
  if (!(await allKnow(one, state, goals.finalMs))) tally.violation(`${one.behind(state)} mirrors do not know the state ${state} after ${goals.finalMs / 1_000} s`);
  tally.time(final, Date.now() - from);
}

async function clear(cluster: ConnectedCluster): Promise<void> {
  const found = await cluster.get({ kind: kinds.namespace, name: namespace });
  if (found?.metadata.uid === undefined) return;
  await cluster.delete({ kind: kinds.namespace, name: namespace }, found.metadata.uid);
  while ((await cluster.get({ kind: kinds.namespace, name: namespace })) !== undefined) await setTimeout(500);
}
