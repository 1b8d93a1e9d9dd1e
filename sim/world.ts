// A whole simulated world from a scenario: one cluster, zones, charts, and any number of processes that work on them in turn.

import type { JobListOptions } from '../src/drivers/load/job-list.ts';
import { jobListDriver } from '../src/drivers/load/job-list.ts';
import { jobDriver } from '../src/drivers/load/job.ts';
import { secretReader } from '../src/drivers/secrets.ts';
import { configMapStore } from '../src/drivers/store/config-map.ts';
import { leaseStore } from '../src/drivers/store/lease.ts';
import type { Drivers } from '../src/drivers/drivers.ts';
import type { Cluster } from '../src/drivers/cluster/cluster.ts';
import type { KubernetesObject } from '../src/drivers/cluster/objects.ts';
import { DriverError } from '../src/drivers/failure.ts';
import { installerName } from '../src/plan/runner-names.ts';
import { eventNotifier } from '../src/drivers/notify/event.ts';
import type { Notification } from '../src/drivers/notify/notify.ts';
import { notificationEvents } from '../src/config/sections/runner.ts';
import type { Clock } from '../src/run/clock.ts';
import { VirtualClock } from './clock.ts';
import { SimulatedCluster, type ClusterOptions } from './cluster.ts';
import { findKind } from './cluster/kinds.ts';
import { SimulatedDns, type ZoneScenario } from './dns.ts';
import { noFaults } from './faults.ts';
import { SimulatedHarvester, type HarvesterScenario } from './harvester.ts';
import { HelmFate, simulatedHelm, type ChartScenario } from './helm.ts';
import { simulatedHttp, type Page } from './http.ts';
import type { PreparedWorld } from './prepared.ts';
import { seeded, type Random } from './random.ts';
import { asRunner, installedObjects, Rights, type InstalledRunner } from './rights.ts';
import { bounded, type Boundary, type Outside } from './passage.ts';
import { SimulatedProcess } from './process.ts';
import { Sight } from './sight.ts';
import type { Faults, SimulatedRequest, Traffic } from './requests.ts';

export interface Scenario {
  /** Of everything random in it. Default 1. */
  readonly seed?: number;
  /** Milliseconds since 1970. Default: that of the clock. */
  readonly startAt?: number;
  /** Goes on from this one, instead of `startAt`, `objects`, what `installed` brings, and the zones' records. */
  readonly from?: PreparedWorld;
  readonly environment?: string;
  readonly runnerNamespace?: string;
  /** The runner's chart is installed, and processes have its account's rights (`pod`), or every right (`laptop`). Default: nothing is installed. */
  readonly installed?: 'pod' | 'laptop';
  readonly cluster?: Omit<ClusterOptions, 'clock' | 'random' | 'from'>;
  /** What is there before the first run, in this order; namespaces first. */
  readonly objects?: readonly KubernetesObject[];
  readonly charts?: Readonly<Record<string, ChartScenario>>;
  readonly zones?: readonly ZoneScenario[];
  readonly pages?: Readonly<Record<string, Page>>;
  readonly harvester?: HarvesterScenario;
  readonly dataConfig?: JobListOptions['dataConfig'];
  /** Virtual time from a request to its answer. Default 10. */
  readonly latencyMs?: number;
  readonly faults?: Faults;
}

/** One runner: what it does to the world, and its death. */
export interface RunnerProcess {
  /** As its requests bear it: 1 for the first. */
  readonly number: number;
  readonly drivers: Drivers;
  /** The world's clock, until the process dies: then nothing wakes it any more. */
  readonly clock: Clock;
  /** Resolves when it is killed. */
  readonly died: Promise<void>;
  /** As by SIGKILL, with Helm if that runs: it hears of nothing any more. */
  kill(): void;
  /** As by SIGSTOP: everything else goes on, Helm too if that runs. */
  stop(): void;
  /** As by SIGCONT. */
  continue(): void;
  /** Its machine's clock is set forward or back. */
  setClockBy(ms: number): void;
  /** Its machine has stood still for so long, and everything that it counts time by. */
  suspendedFor(ms: number): void;
}

export interface SimulatedWorld {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly cluster: SimulatedCluster;
  readonly dns: SimulatedDns;
  readonly harvester: SimulatedHarvester;
  /** Answers of Services, by `service` or `namespace/service`; mutable. */
  readonly sites: Map<string, Page>;
  readonly charts: Map<string, ChartScenario>;
  /** Every request of every process, in order. */
  readonly requests: readonly SimulatedRequest[];
  readonly notifications: readonly Notification[];
  /** From now on. */
  faults: Faults;
  /** Tells each request of every process, when it is sent, arrives, has happened and is answered: for those who watch, not for the runner. */
  onTraffic(listener: (traffic: Traffic) => void): void;
  /** A new runner, as a CronJob starts one. */
  start(): RunnerProcess;
}

export async function simulate(scenario: Scenario = {}): Promise<SimulatedWorld> {
  const { from } = scenario;
  const random = seeded(seedOf(scenario));
  const startAt = from?.at ?? scenario.startAt;
  const clock = new VirtualClock(startAt === undefined ? {} : { startAt });
  const cluster = new SimulatedCluster({ ...scenario.cluster, ...(from === undefined ? {} : { from }), clock, random });
  const requests: SimulatedRequest[] = [];
  const notifications: Notification[] = [];
  const rights = new Rights(cluster, installedRunner(scenario));
  const onlookers: ((traffic: Traffic) => void)[] = [];
  const onTraffic = (traffic: Traffic): void => onlookers.forEach((onlooker) => onlooker(traffic));
  let processes = 0;
  const world: SimulatedWorld = {
    clock,
    random,
    cluster,
    dns: new SimulatedDns(clock, zonesOf(scenario)),
    harvester: new SimulatedHarvester(clock, scenario.harvester),
    sites: new Map(),
    charts: new Map([...(from?.charts ?? []), ...Object.entries(scenario.charts ?? {})]),
    requests,
    notifications,
    faults: scenario.faults ?? noFaults,
    onTraffic: (listener) => void onlookers.push(listener),
    start: () => {
      processes += 1;
      const helmLimit = new HelmFate();
      const process = new SimulatedProcess(processes, clock);
      const outside = outsideOf(world, helmLimit);
      const boundary: Boundary = { clock, process, sight: new Sight(), log: requests, faults: () => world.faults, latencyMs: scenario.latencyMs ?? 10, onTraffic, outside };
      return runner(scenario, { world, boundary, helmLimit, rights, notifications });
    },
  };
  if (from !== undefined) return world;
  const before = scenario.installed === undefined ? [] : installedObjects(installedRunner(scenario));
  for (const object of [...before, ...(scenario.objects ?? [])]) await create(cluster, object);
  return world;
}

/** Other chance than that which made what is there already: nothing may be named a second time. */
function seedOf({ seed = 1, from }: Scenario): number {
  return from === undefined ? seed : from.random ^ Math.imul(seed, 0x9e3779b1);
}

function zonesOf({ zones = [], from }: Scenario): readonly ZoneScenario[] {
  return from === undefined ? zones : zones.map((zone) => ({ ...zone, ...from.zones.get(zone.id) }));
}

function installedRunner({ environment = 'prod', runnerNamespace = 'changeover' }: Scenario): InstalledRunner {
  return { environment, namespace: runnerNamespace };
}

async function create(cluster: SimulatedCluster, object: KubernetesObject): Promise<void> {
  const kind = findKind(object.apiVersion, object.kind);
  if (kind === undefined) throw new Error(`the simulated cluster has no kind ${object.kind}`);
  await cluster.create(kind, object);
}

interface Surroundings {
  readonly world: SimulatedWorld;
  readonly boundary: Boundary;
  readonly helmLimit: HelmFate;
  readonly rights: Rights;
  readonly notifications: Notification[];
}

function outsideOf({ cluster, dns }: SimulatedWorld, helm: HelmFate): Outside {
  return {
    asOf: (agoMs, read) => cluster.asOf(agoMs, () => dns.asOf(agoMs, read)),
    touch: (input) => cluster.touch(input),
    limitHelm: (limit) => helm.limit(limit),
  };
}

function runner(scenario: Scenario, surroundings: Surroundings): RunnerProcess {
  const { process } = surroundings.boundary;
  const drivers = driversOf(scenario, surroundings);
  return {
    number: process.number,
    drivers,
    clock: process.clock,
    died: new Promise((resolve) => process.died.addEventListener('abort', () => resolve(), { once: true })),
    kill: () => process.kill(),
    stop: () => process.stop(),
    continue: () => process.continue(),
    setClockBy: (ms) => process.setClockBy(ms),
    suspendedFor: (ms) => process.suspendedFor(ms),
  };
}

/** Stores, secrets and load jobs are the real drivers: what they send passes the boundary as requests to cluster and HTTP. */
function driversOf(scenario: Scenario, { world, boundary, helmLimit, rights, notifications }: Surroundings): Drivers {
  const { inside } = world.cluster;
  const pages = new Map(Object.entries(scenario.pages ?? {}));
  const answers = simulatedHttp({ inside, pages, sites: world.sites, application: (request, namespace) => world.harvester.answer(request, namespace) });
  const isNarrow = scenario.installed === 'pod';
  const cluster = bounded('cluster', isNarrow ? asRunner(world.cluster, rights) : world.cluster, boundary);
  const http = bounded('http', answers, boundary);
  const secrets = secretReader(cluster);
  const helm = { cluster: world.cluster, charts: world.charts, died: boundary.process.died, fate: helmLimit.reached(boundary.process) };
  const place = { namespace: scenario.runnerNamespace ?? 'changeover', environment: scenario.environment ?? 'prod' };
  const notifier = { send: async (notification: Notification) => void notifications.push(notification) };
  return {
    cluster,
    http,
    secrets,
    helm: bounded('helm', simulatedHelm({ ...helm, ...(isNarrow ? { authorize: async () => refuseHelm() } : {}) }), boundary),
    helmAsInstaller: bounded('helm', simulatedHelm({ ...helm, authorize: (namespace) => authorizeInstaller(namespace, { cluster, rights }) }), boundary),
    dns: bounded('dns', world.dns.provider, boundary),
    resolver: bounded('resolver', world.dns.resolver, boundary),
    load: { job: jobDriver(cluster), jobList: jobListDriver({ http, secrets, dataConfig: scenario.dataConfig }) },
    records: configMapStore(cluster, place),
    lease: leaseStore(cluster, place),
    notifiers: [bounded('notify', notifier, boundary), eventNotifier({ cluster, namespace: place.namespace })].map((one) => ({ on: notificationEvents, notifier: one })),
  };
}

/** As the driver does: a token of the account first, by the runner's own right, and then whatever that account may do. */
async function authorizeInstaller(namespace: string, { cluster, rights }: { readonly cluster: Cluster; readonly rights: Rights }): Promise<void> {
  await cluster.token({ namespace, name: installerName }, 3_600_000);
  if (!rights.installerMay(namespace)) refuseHelm();
}

function refuseHelm(): never {
  throw new DriverError({ reason: 'forbidden', attempted: 'helm', detail: 'Error: secrets is forbidden: User cannot list resource "secrets"' });
}
