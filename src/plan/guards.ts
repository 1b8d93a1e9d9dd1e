// Named checks that must hold before anything is written: each gives a verdict with a reason. Pure; all are always evaluated.

import type { Environment } from '../config/environment.ts';
import { describeAccess } from './access.ts';
import { findLive } from './live.ts';
import type { Installation, Observed } from './observed.ts';
import { ownerProblem } from './owners.ts';
import { describeRecords } from './records.ts';
import { serviceProblem } from './rendered.ts';

export interface GuardVerdict {
  readonly guard: string;
  readonly holds: boolean;
  /** What was found, also when it holds. */
  readonly reasons: readonly string[];
}

/** Whether the names may lead to several releases, since it is the operation's purpose to end that. */
interface Aim {
  readonly unites?: boolean;
}

type Guard = (environment: Environment, observed: Observed, aim: Aim) => readonly string[];

/** In the order in which an operator would look. An empty list of problems means that the guard holds. */
const guards: Readonly<Record<string, Guard>> = {
  'the right cluster': rightCluster,
  'the records are where the installed runner keeps its own': oneRunner,
  'permissions are there': permissions,
  'zones can be read and written': zones,
  'all names point to one release': oneRelease,
  'names point to this environment only': noForeignAddresses,
  'no other environment has the names': ownNames,
  'the chart has the Services that the names need': services,
  'the chart owns no object that another release owns': clusterScoped,
};

export function evaluateGuards(environment: Environment, observed: Observed, aim: Aim = {}): readonly GuardVerdict[] {
  return Object.entries(guards).map(([guard, check]) => {
    const reasons = check(environment, observed, aim);
    return { guard, holds: reasons.length === 0, reasons };
  });
}

/** The kubeconfig's context or cluster name must be the configured one; inside a pod there is neither, and the pod decides. */
export function rightCluster({ cluster }: Pick<Environment, 'cluster'>, { identity }: Pick<Observed, 'identity'>): readonly string[] {
  const here = [identity.context, identity.cluster].filter((name) => name !== undefined);
  if (here.length === 0 || here.includes(cluster)) return [];
  return [`the environment belongs to cluster ${cluster}, but this is ${here.join(' / ')} at ${identity.server}`];
}

function oneRunner(environment: Environment, { installation }: Observed): readonly string[] {
  const problem = installation === undefined ? undefined : installationProblem(environment, installation);
  return problem === undefined ? [] : [problem];
}

/** Two places would be two locks, and each would say that nobody else runs. */
export function installationProblem({ runner, environment }: Pick<Environment, 'runner' | 'environment'>, { namespace }: Installation): string | undefined {
  if (namespace === undefined || namespace === runner.namespace) return undefined;
  return `the runner of ${environment} is installed in namespace ${namespace}, but runner.namespace is ${runner.namespace}: they would not see each other's lock`;
}

function permissions(_: Environment, { access }: Observed): readonly string[] {
  return access.filter(({ allowed }) => !allowed).map(({ question }) => `this account may not ${describeAccess(question)}`);
}

function zones(_: Environment, { names }: Observed): readonly string[] {
  return [...new Set(names.flatMap(({ problems }) => problems))];
}

function oneRelease(_: Environment, { names, releases }: Observed, { unites = false }: Aim): readonly string[] {
  const live = findLive(names, releases);
  if (!live.split) return [];
  if (unites) return [];
  return live.names.map(({ name, to }) => `${name} points to ${to.kind === 'release' ? to.release : to.kind}`);
}

function noForeignAddresses({ swap }: Environment, { names, releases }: Observed): readonly string[] {
  if (swap.replaceForeign) return [];
  const foreign = findLive(names, releases).names.filter(({ to }) => to.kind === 'foreign');
  return foreign.map(({ name }) => {
    const records = names.find((candidate) => candidate.name === name)?.records ?? [];
    return `${name} points to ${describeRecords(records)}, which belongs to no release of this environment (swap.replaceForeign: true takes it over)`;
  });
}

function ownNames({ environment }: Environment, { names }: Observed): readonly string[] {
  return names.flatMap(({ name, owner }) => (owner === undefined ? [] : (ownerProblem(name, owner, environment) ?? [])));
}

function services({ dns }: Environment, { chart }: Observed): readonly string[] {
  if (chart === undefined) return [];
  return [...new Set(dns.flatMap(({ service }) => serviceProblem(chart.rendered, service) ?? []))];
}

function clusterScoped(_: Environment, { chart }: Observed): readonly string[] {
  return (chart?.conflicts ?? []).map(
    ({ object, owner }) => `${object} has a fixed name and belongs to ${owner}: give it a name with {{ .Release.Name }}, or take it out of the chart`,
  );
}
