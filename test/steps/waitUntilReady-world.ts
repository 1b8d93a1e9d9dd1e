// A simulated world with one freshly installed release, and a way to let the step wait for it as the engine would.

import type { Behaviour } from '../../sim/behaviour.ts';
import type { Scenario, SimulatedWorld } from '../../sim/world.ts';
import { simulate } from '../../sim/world.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { Helm } from '../../src/drivers/helm/helm.ts';
import { Failure } from '../../src/errors.ts';
import type { Progress, StepContext } from '../../src/run/step.ts';
import { waitUntilReady, type ReadyResult } from '../../src/steps/waitUntilReady.ts';
import type { World } from '../../src/steps/world.ts';
import { loadTestEnvironment } from '../../sim/environment.ts';
import { deployment, job, namespace, service, statefulSet } from '../support/objects.ts';

export const release = 'prod-2hpwr';

export const portal: readonly KubernetesObject[] = [
  statefulSet('database'),
  deployment('portal', { replicas: 2 }),
  service('ingress', { app: 'portal' }),
  service('search', { app: 'portal', labels: { name: 'search-ingress' } }),
  job('loader', { suspend: true }),
];

export interface ReadySetup extends Omit<Scenario, 'charts' | 'cluster'> {
  /** What the chart renders. Default: `portal`. */
  readonly contains?: readonly KubernetesObject[];
  /** In Helm's manifest as well, of kinds that the simulated cluster does not have. */
  readonly alsoContains?: readonly KubernetesObject[];
  readonly behaviours?: Readonly<Record<string, Behaviour>>;
  readonly cluster?: Scenario['cluster'];
  /** Keys of the environment file. */
  readonly configuration?: Readonly<Record<string, unknown>>;
}

export interface WaitingRun {
  readonly world: SimulatedWorld;
  readonly reports: readonly Progress[];
  readonly warnings: readonly string[];
  readonly stop: AbortController;
  /** Runs the step. */
  wait(): Promise<ReadyResult>;
  /** Runs the step, which must fail; how, and after how many virtual seconds. */
  fail(): Promise<{ readonly failure: Failure; readonly seconds: number }>;
}

export async function releaseJustInstalled(setup: ReadySetup = {}): Promise<WaitingRun> {
  const { contains = portal, alsoContains = [], behaviours = {}, configuration = {}, faults, ...scenario } = setup;
  const charts = { '/chart': { name: 'portal', version: '1.0.0', objects: contains } };
  const world = await simulate({ ...scenario, charts, cluster: { ...scenario.cluster, behaviours }, objects: [namespace(release)] });
  const { drivers } = world.start();
  const chart = await drivers.helm.chart({ path: '/chart' });
  await drivers.helm.install({ name: release, namespace: release, chart, values: [], signal: new AbortController().signal });
  if (faults !== undefined) world.faults = faults;
  const manifest: Helm['manifest'] = async (...of) => [...(await drivers.helm.manifest(...of)), ...alsoContains];
  const helm = Object.create(drivers.helm, { manifest: { value: manifest } }) as Helm;
  return stepOn(world, { drivers: { ...drivers, helm }, environment: loadTestEnvironment(configuration) });
}

function stepOn(world: SimulatedWorld, { drivers, environment }: Pick<World, 'drivers' | 'environment'>): WaitingRun {
  const reports: Progress[] = [];
  const warnings: string[] = [];
  const stop = new AbortController();
  const context: StepContext<World, unknown> = {
    world: { drivers, environment, plan: { candidate: release } as World['plan'] },
    results: {},
    run: { id: 'run-1', operation: 'rebuild', epoch: 1 },
    clock: world.clock,
    signal: stop.signal,
    report: (progress) => void reports.push(progress),
    warn: (message) => void warnings.push(message),
    note: async () => undefined,
    noted: undefined,
  };
  const wait = (): Promise<ReadyResult> => waitUntilReady.act(context);
  return {
    world,
    reports,
    warnings,
    stop,
    wait,
    async fail() {
      const startedAt = world.clock.now();
      const failure = await wait().then(() => undefined, (error: unknown) => error);
      if (!(failure instanceof Failure)) throw new Error('it did not fail as a step should', { cause: failure });
      return { failure, seconds: (world.clock.now() - startedAt) / 1_000 };
    },
  };
}
