// Who else is there while a plant is tried out, and what is looked at besides the invariants. Each is silent where nothing is planted.

import { carryOut, give, nextProcess, type Command, type Stage } from '../../sim/boundaries/commands.ts';
import type { Finding } from '../../sim/boundaries/judge.ts';
import type { Subject } from '../../sim/boundaries/subjects.ts';
import { setStatus } from '../../sim/cluster/inside.ts';
import type { Fault } from '../../sim/requests.ts';
import type { RunnerProcess, SimulatedWorld } from '../../sim/world.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { labels, namespaceOf } from '../../src/plan/ownership.ts';

export interface Scene {
  /** What the subject of the trial is like besides. */
  readonly subject?: Partial<Subject>;
  /** Before the first command. */
  readonly disturb?: (stage: Stage) => void | Promise<void>;
  /** Beside the command that is struck. */
  readonly meanwhile?: (stage: Stage) => Promise<void>;
  /** In the end. */
  readonly inspect?: (stage: Stage) => readonly Finding[];
}

const rebuild: Command = { type: 'perform', intent: { operation: 'rebuild' } };
const prune: Command = { type: 'perform', intent: { operation: 'prune', older: true } };
const rollback: Command = { type: 'perform', intent: { operation: 'rollback' } };

/** A change that comes late is judged as it arrives; the zone refuses it, by its owner record. */
const refusedByTheZone = /dns\.change \S+ \S+, _changeover/;

/** What is different because a release is somebody else's now. */
const hisOwn = /^(left over|prod-r0001 is gone|prod-r0002 is still there|the public is on prod-r0002|namespace prod-r0002 is marked|run \S+ needs a human)/;

/** By the environment as it is now, they should be gone. */
const madeWithoutDeleting = /^prod-r000[12] is still there/;

const twoNames = [
  { zone: 'example-org', name: 'www.example.org.', service: 'ingress' },
  { zone: 'example-org', name: 'search.example.org.', service: 'search-ingress' },
  { zone: 'second-org', name: 'search.second.org.', service: 'search-ingress' },
];

export const scenes = {
  /** A second process begins while the first one works. */
  doubleStart: { meanwhile: (stage) => another(stage, rebuild, 5_000) },
  /** An operator takes back what a process does that has been stopped for a while. */
  rollbackMeanwhile: { meanwhile: (stage) => another(stage, rollback, 40_000), subject: { allows: refusedByTheZone } },
  /** The whole machine stands still, its clock too, while another one takes over. */
  suspended: { meanwhile: (stage) => another(stage, rebuild, 40_000), disturb: ({ production: { world } }) => each(world, (process) => world.clock.after(100_000, () => process.suspendedFor(300_000))) },
  /** The time of each machine is set back by an hour as soon as it has the lock. */
  clockSetBack: { meanwhile: (stage) => another(stage, rebuild, 40_000), disturb: ({ production: { world } }) => each(world, (process) => world.clock.after(100, () => process.setClockBy(-3_600_000))) },
  rebuildMeanwhile: { meanwhile: (stage) => another(stage, rebuild, 40_000) },
  /** The struck run itself must go well: what strikes it passes. */
  mustSucceed: { inspect: firstSucceeds },
  /** The load balancer's controller takes the addresses away for a moment, just when the names are about to move. */
  lostAddress: { disturb: loseAddress, subject: { outcomes: ['succeeded', 'failed'] } },
  /** The second server of one zone is a minute and a half behind. */
  lateServer: { subject: { scenario: { zones: [{ id: 'example-org', origin: 'example.org.', lagsMs: [0, 90_000] }, { id: 'second-org', origin: 'second.org.', lagsMs: [0, 50] }] } } },
  /** Somebody gives a name another address between the look and the change, and takes that back a moment later. */
  thirdParty: { disturb: interfere, subject: { outcomes: ['succeeded', 'needsHuman', 'failed'], allows: /prod-r0002/ } },
  /** The names lead somewhere before the first rebuild. */
  foreignNames: { disturb: occupy, subject: { outcomes: ['failed'] } },
  replaceForeign: { subject: { environment: { swap: { replaceForeign: true } } } },
  /** A release of another environment, whose name begins like ours. */
  neighbour: { disturb: (stage) => place(stage, 'production-x7k2p', 'production'), inspect: (stage) => survived(stage, 'production-x7k2p'), subject: { allows: /left over: .*production-x7k2p/ } },
  /** Between plan and deletion the leftover makes room for another one of its name. */
  namesake: { disturb: replaceLeftover, inspect: (stage) => survived(stage, 'prod-r0004'), subject: { outcomes: ['failed'], allows: /prod-r0004/ } },
  /** A Job in the chart that bears the name which a load job would have without its run. */
  earlierResult: { disturb: shipJob, subject: { allows: /left over: .*base-1$/ } },
  /** The candidate answers with an error. */
  brokenCandidate: { disturb: ({ production: { world } }) => void world.sites.set('prod-r0002/ingress', { status: 503 }), subject: { outcomes: ['failed'] } },
  /** Somebody has once asked to cancel a run that is long over. */
  cancelledOnce: { disturb: askToCancel },
  /** The release before cannot be removed, for which a human is called; the same again may do it. */
  notRetired: { subject: { allows: /needs a human: prod-r0001 is still there/ } },
  /** Somebody thinks better of clearing old releases away; from now on a rebuild deletes the one before. */
  pruningCancelled: { disturb: cancelPruning, subject: { command: rebuild, environment: { deleteExisting: true }, allows: madeWithoutDeleting } },
  /** A second name in the first zone. */
  twoNames: { disturb: nameTwice, subject: { environment: { dns: twoNames } } },
  /** A load balancer that never gets an address, and an hour's patience with whoever waits for it. */
  neverReady: {
    subject: { environment: { readiness: { timeout: '2m' } }, outcomes: ['failed'] },
    disturb: ({ production: { world } }) => {
      world.cluster.behaviours.set('Service/ingress', { outcome: 'never' });
      each(world, (process) => world.clock.after(3_600_000, () => process.kill()));
    },
  },
  /** Nothing may begin while it is locked. */
  locked: { inspect: ranWhileLocked },
  /** Somebody takes our label off the release that is to go, while the name servers are asked whether anything leads there. */
  claimedMeanwhile: { disturb: claimPrevious, subject: { allows: hisOwn, outcomes: ['succeeded', 'needsHuman'] } },
  /** A renewal is stored, answered late, and the last that gets through; another one has the lock as soon as it may, and is slow itself. */
  slowRenewal: { meanwhile: lastRenewal },
} satisfies Readonly<Record<string, Scene>>;

export type SceneName = keyof typeof scenes;

async function another(stage: Stage, command: Command, afterMs: number): Promise<void> {
  await stage.production.world.clock.sleep(afterMs);
  stage.commands += 1;
  await carryOut(stage, command, { calm: false }).catch(() => undefined);
}

function firstSucceeds({ production: { commands } }: Stage): readonly Finding[] {
  const ended = commands[0]?.ended;
  const outcome = ended !== undefined && 'performed' in ended ? ended.performed.outcome : 'nothing';
  return outcome === 'succeeded' ? [] : [{ invariant: 'L1', problem: `the struck run ended as ${outcome}, and what struck it had passed` }];
}

function loseAddress({ production: { world } }: Stage): void {
  const { inside } = world.cluster;
  let lists = 0;
  world.onTraffic(({ request, moment }) => {
    if (moment !== 'arrives' || request.text !== 'cluster.list services prod-r0002') return;
    lists += 1;
    // The first is the watch's, the second that of the checks.
    const service = lists === 3 ? inside.store.get(kinds.service, 'prod-r0002', 'ingress') : undefined;
    if (service === undefined) return;
    setStatus(inside, service, { loadBalancer: {} });
    world.clock.after(1_000, () => {
      const now = inside.store.get(kinds.service, 'prod-r0002', 'ingress');
      if (now !== undefined) setStatus(inside, now, service['status'] as object);
    });
  });
}

function interfere({ production: { world, others } }: Stage): void {
  const name = 'www.example.org.';
  let isInstalled = false;
  let isDone = false;
  world.onTraffic(({ request, moment }) => {
    if (request.driver === 'helm' && request.method === 'install') isInstalled = true;
    if (!isInstalled || isDone || moment !== 'sent' || request.driver !== 'resolver') return;
    isDone = true;
    const before = world.dns.held(name);
    const foreign = [{ name, type: 'A' as const, ttl: 60, values: ['203.0.113.7'] }];
    others.noteEdit(name, foreign);
    world.dns.edit('example-org', name, foreign);
    world.clock.after(3_000, () => {
      if (!others.wrote(name, world.dns.held(name))) return;
      others.noteEdit(name, before);
      world.dns.edit('example-org', name, before);
    });
  });
}

function occupy({ production: { world, others } }: Stage): void {
  const foreign = [{ name: 'www.example.org.', type: 'A' as const, ttl: 60, values: ['203.0.113.7'] }];
  others.noteEdit('www.example.org.', foreign);
  world.dns.edit('example-org', 'www.example.org.', foreign);
}

/** It leads to the live release, as whoever looked after the zone before has written it. */
function nameTwice({ production: { world } }: Stage): void {
  const name = 'search.example.org.';
  world.dns.edit('example-org', name, world.dns.held('search.second.org.').map((set) => ({ ...set, name })));
}

function place({ production: { world } }: Stage, name: string, environment: string): void {
  void world.cluster.create(kinds.namespace, namespaceOf(name, { environment, run: 'theirs' }));
}

function survived({ production: { world } }: Stage, name: string): readonly Finding[] {
  const found = world.cluster.inside.store.get(kinds.namespace, undefined, name);
  const isThere = found?.metadata.annotations?.['changeover.dev/run'] === 'theirs' && found.metadata.deletionTimestamp === undefined;
  return isThere ? [] : [{ invariant: 'I8', problem: `namespace ${name}, which is somebody else's, is gone` }];
}

/** As soon as its deletion is about to begin: when Helm is asked about it, or the names are. */
function replaceLeftover({ production: { world } }: Stage): void {
  const { store } = world.cluster.inside;
  let isDone = false;
  world.onTraffic(({ request, moment }) => {
    if (isDone || moment !== 'sent' || !request.text.startsWith('cluster.get Namespace prod-r0004')) return;
    isDone = true;
    const old = store.get(kinds.namespace, undefined, 'prod-r0004');
    if (old === undefined) return;
    store.remove(kinds.namespace, old);
    const other = namespaceOf('prod-r0004', { environment: 'prod', run: 'theirs' });
    store.put(kinds.namespace, { ...other, metadata: { ...other.metadata, uid: 'another-one' } });
  });
}

function shipJob({ production: { world } }: Stage): void {
  const chart = world.charts.get('/chart');
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'import', image: 'import:1' }] } };
  const job: KubernetesObject = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'base-1' }, spec: { template } };
  if (chart !== undefined) world.charts.set('/chart', { ...chart, objects: [...chart.objects, job] });
}

function askToCancel({ production: { world } }: Stage): void {
  const { store } = world.cluster.inside;
  for (const lease of store.all(kinds.lease)) {
    store.put(kinds.lease, { ...lease, metadata: { ...lease.metadata, annotations: { ...lease.metadata.annotations, 'changeover.dev/cancel': 'a-run-that-is-over' } } });
  }
}

async function cancelPruning(stage: Stage): Promise<void> {
  await give(stage, prune, { dying: { text: 'helm.uninstall', nth: 0, fault: 'kill' } });
  await give(stage, { type: 'cancel' });
}

/** Every process that is begun from now on. */
function each(world: SimulatedWorld, act: (process: RunnerProcess) => void): void {
  const start = world.start.bind(world);
  Object.assign(world, {
    start: () => {
      const process = start();
      act(process);
      return process;
    },
  });
}

function claimPrevious({ production: { world, events, others } }: Stage): void {
  let isDone = false;
  world.onTraffic(({ request, moment }) => {
    if (isDone || moment !== 'sent' || request.driver !== 'resolver' || !events.some((event) => event.type === 'stepProgress' && event.step === 'retirePrevious')) return;
    isDone = true;
    others.noteDisturbance('prod-r0001');
    void world.cluster.patch({ kind: kinds.namespace, name: 'prod-r0001' }, { metadata: { labels: { [labels.environment]: null } } });
  });
}

/** The first process has the lock until 40 s, by what is stored. It comes to the next release at 43 s, which the other one has not touched then. */
async function lastRenewal(stage: Stage): Promise<void> {
  const { world } = stage.production;
  const first = nextProcess(stage) - 1;
  const counts = new Map<string, number>();
  const nth = (key: string): number => counts.set(key, (counts.get(key) ?? 0) + 1).get(key) ?? 0;
  world.faults = ({ process, driver, method, text }): Fault | undefined => {
    const which = `${process === first ? 'first' : 'second'} ${driver}.${method} ${text.split(' ')[1]}`;
    const count = nth(which);
    if (which === 'first cluster.replace leases' && count > 1) return count === 2 ? { fault: 'slow', ms: 20_000 } : { fault: 'swallowed', ms: 30_000 };
    if (which === 'first cluster.get Namespace' && count === 3) return { fault: 'slow', ms: 42_000 };
    return which === 'second cluster.list configmaps' && count === 2 ? { fault: 'slow', ms: 10_000 } : undefined;
  };
  await another(stage, rebuild, 11_000);
}

function ranWhileLocked({ production: { commands } }: Stage): readonly Finding[] {
  const ended = commands.find(({ intent }) => intent.operation === 'rebuild')?.ended;
  return ended !== undefined && 'error' in ended ? [] : [{ invariant: 'I2', problem: 'a run has begun although everybody was locked out' }];
}
