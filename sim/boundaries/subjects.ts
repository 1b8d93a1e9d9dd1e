// The operations whose every request is died at: as data, with what comes before each. Each is as short as it can be: its requests count.

import { kinds } from '../../src/drivers/cluster/objects.ts';
import { addressesOf } from '../../src/plan/live.ts';
import { namespaceOf } from '../../src/plan/ownership.ts';
import { chart, type Production } from '../production.ts';
import type { Scenario } from '../world.ts';
import { give, type Command, type Stage } from './commands.ts';
import { runnerCronJob, runPods } from './trigger.ts';

export interface Subject {
  readonly name: string;
  /** As in the environment file. */
  readonly environment?: Readonly<Record<string, unknown>>;
  /** What was otherwise in the environment file until the command. */
  readonly environmentBefore?: Readonly<Record<string, unknown>>;
  readonly scenario?: Scenario;
  /** What has happened before, once for all tries: nobody dies of it. */
  readonly before?: (stage: Stage) => Promise<void>;
  /** How the world is from then on, in each try. */
  readonly arrange?: (production: Production) => void | Promise<void>;
  readonly command: Command;
  /** What is asked for after the next run, so that all of them come to the same end. Default: nothing. */
  readonly finish?: readonly Command[];
  /** How the last run may end. Default: it succeeds. */
  readonly outcomes?: readonly string[];
  /** What was asked for may be done already, and is not done again. */
  readonly mayBeRefused?: boolean;
  /** What the command is there for, and what would be a violation of anybody who was not told to. */
  readonly allows?: RegExp;
  /** Releases that no run has made, and the one of them that the public is on. */
  readonly startsWith?: { readonly live?: string; readonly releases: readonly string[] };
}

const rebuild: Command = { type: 'perform', intent: { operation: 'rebuild' } };
const rollback: Command = { type: 'perform', intent: { operation: 'rollback' } };
const keeping = { deleteExisting: false };

const adoptable = { live: 'portal-abcde', releases: ['portal-abcde'] };
/** Marks and rights are given to a namespace that is not ours yet, or not any more. */
const adopting = /(patch Namespace|create rolebindings|create serviceaccounts|delete RoleBinding|delete ServiceAccount) portal-abcde.*does not bear the label/;
/** Who starts a run has no lock: the run takes it. */
const starting = /without holding the lease .*: cluster\.create jobs changeover\/changeover-prod-manual-/;
const unbound: Scenario = { installed: 'pod', objects: [namespaceOf('prod-old00', { environment: 'prod', run: 'earlier' })] };

/** Looked for in everything that leaves a process. */
export const plantedSecret = 'planted-password-xq7';

export const subjects: readonly Subject[] = [
  { name: 'first-rebuild', command: rebuild },
  { name: 'rebuild', command: rebuild, before: times(1, rebuild) },
  { name: 'rebuild-keeping', command: rebuild, before: times(2, rebuild), environment: keeping },
  { name: 'rebuild-installed', command: rebuild, before: times(1, rebuild), scenario: { installed: 'pod' } },
  { name: 'rebuild-unbound', command: rebuild, scenario: unbound, startsWith: { releases: ['prod-old00'] } },
  { name: 'rebuild-with-everything', command: rebuild, before: times(1, rebuild), ...withEverything() },
  { name: 'rebuild-that-fails', command: rebuild, before: times(1, rebuild), arrange: failing, outcomes: ['failed'] },
  { name: 'rebuild-that-is-taken-back', command: rebuild, before: times(1, rebuild), arrange: breaking, outcomes: ['succeeded', 'restored'] },
  { name: 'rehearse', command: { type: 'perform', intent: { operation: 'rehearse' } }, before: withLeftover, environment: { ...keeping, release: { chart: { path: '/chart' }, onFailure: 'keep' } } },
  { name: 'rollback', command: rollback, before: times(2, rebuild), environment: keeping },
  { name: 'rollback-to', command: { type: 'perform', intent: { operation: 'rollback', to: 'prod-r0001' } }, before: times(3, rebuild), environment: keeping, mayBeRefused: true },
  { name: 'prune', command: { type: 'perform', intent: { operation: 'prune', older: true } }, before: manyReleases, environment: { ...keeping, release: { chart: { path: '/chart' }, onFailure: 'keep' } } },
  { name: 'adopt', command: { type: 'adopt', release: 'portal-abcde' }, startsWith: adoptable, allows: adopting, before: classic, environment: keeping, finish: [rebuild] },
  { name: 'adopt-installed', command: { type: 'adopt', release: 'portal-abcde' }, startsWith: adoptable, allows: adopting, before: classic, environment: keeping, scenario: { installed: 'laptop' }, finish: [rebuild] },
  { name: 'give-back', command: { type: 'giveBack', release: 'portal-abcde' }, startsWith: adoptable, allows: adopting, before: adopted, environment: keeping, scenario: { installed: 'laptop' }, finish: [{ type: 'adopt', release: 'portal-abcde' }, rebuild] },
  { name: 'lock', command: { type: 'lock', reason: 'the network is rebuilt' }, before: times(1, rebuild), finish: [{ type: 'unlock' }, rebuild] },
  { name: 'unlock', command: { type: 'unlock' }, before: locked, finish: [rebuild] },
  { name: 'wrest', command: { type: 'wrest' }, allows: /took the lease of/, before: dead('drainPrevious'), finish: [rebuild] },
  { name: 'cancel-live', command: { type: 'cancel' }, before: times(1, rebuild), arrange: running, environment: { runner: { leaseDuration: '3s' } }, finish: [rebuild] },
  { name: 'cancel', command: { type: 'cancel' }, before: dead('loadData'), finish: [rebuild] },
  { name: 'trigger', command: { type: 'trigger' }, allows: starting, before: times(1, rebuild), arrange: runPods, scenario: { installed: 'laptop', objects: [runnerCronJob] } },
  { name: 'cancel-after-the-move', command: { type: 'cancel' }, before: dead('drainPrevious'), finish: [rebuild] },
];

export function findSubject(name: string): Subject {
  const found = subjects.find((subject) => subject.name === name);
  if (found === undefined) throw new Error(`there is no operation ${name}: ${subjects.map((subject) => subject.name).join(', ')}`);
  return found;
}

function times(count: number, command: Command): (stage: Stage) => Promise<void> {
  return async (stage) => {
    for (let left = count; left > 0; left -= 1) await give(stage, command);
  };
}

function withEverything(): Pick<Subject, 'environment' | 'scenario'> {
  const password = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'harvester' }, data: { password: Buffer.from(plantedSecret).toString('base64') } };
  const outside = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: '{release}-fast' } };
  const jobList = { dataConfig: 'http://data.example.org/portal.json', credentials: { username: 'loader', password: { secret: { name: 'harvester', key: 'password' } } } };
  return {
    environment: {
      load: [
        { name: 'base', job: { fromJob: 'loader' }, timeout: '10m' },
        { name: 'more', job: { fromJob: 'loader' }, timeout: '10m' },
        { name: 'harvest', jobList, after: ['base'], timeout: '10m' },
      ],
      verify: { http: [{ url: 'http://www.example.org/' }], jobs: [{ name: 'smoke', job: { fromJob: 'loader' } }], helmTest: true, timeout: '1m' },
    },
    scenario: {
      charts: { '/chart': { ...chart, objects: [...chart.objects, password, outside] } },
      pages: { 'http://data.example.org/portal.json': { body: JSON.stringify({ jobConfigurations: [{ description: 'Cities' }] }) } },
      harvester: { durationMs: 2_000, password: plantedSecret },
    },
  };
}

function failing({ world }: Production): void {
  world.cluster.behaviours.set('Job/loader', { outcome: 'fails' });
}

/** The second release answers with an error as soon as the public is on it; later ones do well. */
function breaking({ world, publicReleases }: Production): void {
  world.dns.onChange(() => {
    if (publicReleases().includes('prod-r0002')) world.sites.set('prod-r0002/ingress', { status: 503 });
  });
}

/** Another process is in the middle of a rebuild, and hears what is asked of it. */
async function running({ world, command }: Production): Promise<void> {
  world.cluster.behaviours.set('Job/loader', { afterMs: 12_000 });
  void command({ operation: 'rebuild' }, { holder: 'pod-0/1' });
  await world.clock.sleep(5_000);
}

/** A release that is live, and a candidate whose load has failed, kept for a look. */
async function withLeftover(stage: Stage): Promise<void> {
  const { behaviours } = stage.production.world.cluster;
  await give(stage, rebuild);
  behaviours.set('Job/loader', { outcome: 'fails' });
  await give(stage, rebuild);
  behaviours.delete('Job/loader');
}

async function manyReleases(stage: Stage): Promise<void> {
  await times(2, rebuild)(stage);
  await withLeftover(stage);
}

async function locked(stage: Stage): Promise<void> {
  await give(stage, rebuild);
  await give(stage, { type: 'lock', reason: 'the network is rebuilt' });
}

/** A rebuild that dies a moment after this step has begun. */
function dead(step: string): (stage: Stage) => Promise<void> {
  return async (stage) => {
    const { production: made, environment } = stage;
    await give(stage, rebuild);
    await made.command({ operation: 'rebuild' }, {
      environment,
      onEvent: (event, process) => {
        if (event.type === 'stepStarted' && event.step === step) made.world.clock.after(500, () => process.kill());
      },
    });
  };
}

/** As the classic builder left it: a namespace without any mark of ours, a Helm release in it, and the names pointing there. */
async function classic({ production: made }: Stage): Promise<void> {
  const { world } = made;
  await world.cluster.create(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'portal-abcde' } });
  const { helm } = world.start().drivers;
  await helm.install({ name: 'portal-abcde', namespace: 'portal-abcde', chart: await helm.chart({ path: '/chart' }), values: [], signal: new AbortController().signal });
  await world.clock.sleep(10_000);
  point(made, { zone: 'example-org', name: 'www.example.org.', service: 'ingress' });
  point(made, { zone: 'second-org', name: 'search.second.org.', service: 'search' });
}

function point({ world }: Production, { zone, name, service }: { readonly zone: string; readonly name: string; readonly service: string }): void {
  const found = world.cluster.inside.store.get(kinds.service, 'portal-abcde', service);
  world.dns.edit(zone, name, [{ name, type: 'A', ttl: 60, values: found === undefined ? [] : [...addressesOf(found)] }]);
}

async function adopted(stage: Stage): Promise<void> {
  await classic(stage);
  await give(stage, { type: 'adopt', release: 'portal-abcde' });
}
