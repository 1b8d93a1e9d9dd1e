// Whether a release that somebody else installed may be taken over, and as what. Pure: judges what was read, and writes nothing.

import type { Environment } from '../config/environment.ts';
import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import type { HelmRelease } from '../drivers/helm/helm.ts';
import { pointsTo, type PointsTo } from './live.ts';
import type { ObservedName } from './observed.ts';
import { annotations, labels, manager, ownedNamespace, type ReleaseState } from './ownership.ts';
import { strangers } from './strangers.ts';

/** All that the judgement is made of; `namespace` undefined: there is none of this name. */
export interface Candidate {
  readonly name: string;
  readonly namespace: KubernetesObject | undefined;
  readonly helmReleases: readonly HelmRelease[];
  /** Everything in it that works, serves, or holds data. */
  readonly objects: readonly KubernetesObject[];
  readonly names: readonly ObservedName[];
}

export interface Adoption {
  readonly name: string;
  readonly uid: string;
  readonly helmRelease: string;
  readonly state: Extract<ReleaseState, 'live' | 'previous'>;
  /** It carries our marks already: nothing is written on the namespace. */
  readonly isDone: boolean;
  /** What does not hinder, but should be known. */
  readonly warnings: readonly string[];
}

export type AdoptionVerdict = { readonly adoption: Adoption } | { readonly refusals: readonly string[] };

type Own = Pick<Environment, 'environment' | 'runner'>;

export function judgeAdoption(candidate: Candidate, environment: Own): AdoptionVerdict {
  const { name, namespace, helmReleases } = candidate;
  const [release] = helmReleases;
  const notOurs = namespaceProblems(name, namespace, environment);
  if (namespace?.metadata.uid === undefined || notOurs.length > 0) return { refusals: notOurs };
  const state = stateOf(candidate, namespace);
  const refusals = [
    ...helmProblems(name, helmReleases),
    ...(release === undefined ? [] : strangers(candidate.objects, release).map((object) => `${object} is not of Helm release ${release.name}: with the namespace it would be deleted one day`)),
    ...('problems' in state ? state.problems : []),
  ];
  if (refusals.length > 0 || release === undefined || 'problems' in state) return { refusals };
  const isDone = namespace.metadata.annotations?.[annotations.adopted] !== undefined;
  return { adoption: { name, uid: namespace.metadata.uid, helmRelease: release.name, state: state.state, isDone, warnings: warningsOf(candidate, release) } };
}

function namespaceProblems(name: string, namespace: KubernetesObject | undefined, { environment, runner }: Own): readonly string[] {
  if (namespace === undefined) return [`there is no namespace ${name}`];
  const { labels: marks = {}, annotations: notes = {}, deletionTimestamp } = namespace.metadata;
  const other = marks[labels.environment];
  if (name === runner.namespace) return [`namespace ${name} is the runner's own`];
  if (name === 'default' || name.startsWith('kube-')) return [`namespace ${name} belongs to Kubernetes itself`];
  if (deletionTimestamp !== undefined) return [`namespace ${name} is being deleted`];
  if (other !== undefined && other !== environment) return [`namespace ${name} belongs to environment ${other}`];
  const isCreated = ownedNamespace(namespace, environment) !== undefined && notes[annotations.adopted] === undefined;
  return isCreated ? [`namespace ${name} is a release of this environment already`] : [];
}

function helmProblems(name: string, releases: readonly HelmRelease[]): readonly string[] {
  if (releases.length === 0) return [`Helm knows no release in namespace ${name}: there would be nothing to uninstall it by`];
  const names = releases.map((release) => release.name).join(', ');
  if (releases.length > 1) return [`namespace ${name} has ${releases.length} Helm releases: ${names}; with the namespace all of them would be deleted one day`];
  return releases.filter(({ status }) => !['deployed', 'failed'].includes(status)).map(({ status }) => `Helm release ${names} is in state ${status}`);
}

/** By what the names say, and by nothing else. Names that do not exist yet say nothing. */
function stateOf({ name, names, objects }: Candidate, namespace: KubernetesObject): { readonly state: Adoption['state'] } | { readonly problems: readonly string[] } {
  const services = objects.filter(({ kind }) => kind === 'Service');
  const asRelease = { name, uid: namespace.metadata.uid ?? '', state: 'previous', run: undefined, epoch: 0, liveSince: undefined, createdAt: undefined, deleting: false, helmRelease: name, services } as const;
  const all = names.map((observed) => ({ name: observed.name, problems: observed.problems, to: pointsTo(observed, [asRelease]) }));
  const unread = all.filter(({ to }) => to.kind === 'unknown');
  if (unread.length > 0) return { problems: unread.map((found) => `${found.name} could not be read: ${found.problems.join(', ')}`) };
  const existing = all.filter(({ to }) => to.kind !== 'nothing');
  const here = existing.filter(({ to }) => to.kind === 'release');
  if (here.length > 0 && here.length === existing.length) return { state: 'live' };
  if (here.length === 0 && existing.every(({ to }) => to.kind === 'foreign')) return { state: 'previous' };
  return { problems: [`only some of the names point to ${name}: ${existing.map((found) => `${found.name} ${where(found.to, name)}`).join(', ')}`] };
}

function where(to: PointsTo, name: string): string {
  if (to.kind === 'release') return `to ${name}`;
  return to.kind === 'mixed' ? 'partly' : 'elsewhere';
}

function warningsOf({ names, objects }: Candidate, { name, status }: HelmRelease): readonly string[] {
  const services = objects.filter(({ kind }) => kind === 'Service');
  const has = (wanted: string): boolean => services.some(({ metadata }) => metadata.name === wanted || metadata.labels?.['name'] === wanted);
  const missing = [...new Set(names.map(({ service }) => service))].filter((service) => !has(service));
  return [
    ...(status === 'deployed' ? [] : [`Helm release ${name} is in state ${status}`]),
    ...missing.map((service) => `it has no Service named or labelled ${service}: a rollback to it will not be possible`),
  ];
}

/** What adopting writes on the namespace: one patch, so that a killed one has written all of it or nothing. `at`: ISO 8601. */
export function adoptionPatch({ uid, name, helmRelease, state }: Adoption, { environment, at, epoch, namespace }: { readonly environment: string; readonly at: string; readonly epoch: number; readonly namespace: KubernetesObject }): Readonly<Record<string, unknown>> {
  const { labels: before = {}, creationTimestamp = at } = namespace.metadata;
  const replaced = { at, managedBy: before[labels.managedBy] ?? null };
  return {
    metadata: {
      uid,
      labels: { [labels.managedBy]: manager, [labels.environment]: environment },
      annotations: {
        [annotations.state]: state,
        [annotations.epoch]: String(epoch),
        // It is live now; of another only the earliest moment is certain, and a rollback prefers whatever was live later.
        [annotations.liveSince]: state === 'live' ? at : creationTimestamp,
        [annotations.adopted]: JSON.stringify(replaced),
        ...(helmRelease === name ? {} : { [annotations.helmRelease]: helmRelease }),
      },
    },
  };
}

/** Takes all of it away again; undefined when the namespace was not adopted. */
export function undoPatch(namespace: KubernetesObject): Readonly<Record<string, unknown>> | undefined {
  const { uid, annotations: notes = {} } = namespace.metadata;
  const note = notes[annotations.adopted];
  if (note === undefined) return undefined;
  const managedBy = managedByBefore(note);
  const removed = Object.fromEntries(Object.values(annotations).map((key) => [key, null]));
  return { metadata: { uid, labels: { [labels.managedBy]: managedBy, [labels.environment]: null }, annotations: removed } };
}

function managedByBefore(note: string): string | null {
  try {
    const { managedBy } = JSON.parse(note) as { readonly managedBy?: unknown };
    return typeof managedBy === 'string' ? managedBy : null;
  } catch {
    return null;
  }
}
