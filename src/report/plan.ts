// `plan`: every intended write as data, and as text. Says at its end that nothing has been written.

import type { GuardVerdict } from '../plan/guards.ts';
import { addressesOf } from '../plan/live.ts';
import type { Observed } from '../plan/observed.ts';
import { describeOwner } from '../plan/owners.ts';
import type { Plan } from '../plan/plan.ts';
import { describeRecords } from '../plan/records.ts';
import type { GivenAccess } from '../plan/release-access.ts';
import { count, describeDuration, table } from './text.ts';

export interface PlanView {
  readonly operation: string;
  readonly environment: string;
  readonly cluster: string;
  readonly candidate: string;
  readonly previous: string | null;
  /** What the names say, in words: what could not be read is not nothing. */
  readonly live: string;
  /** Undefined where nothing is installed. */
  readonly chart?: string;
  /** Of its content; a run installs nothing else. */
  readonly chartIdentity?: string;
  /** Created, in the order in which the chart renders them; the namespace first. */
  readonly objects: readonly string[];
  /** In releases that were made without them: the installed runner's rights and Helm's, before anything is read there. */
  readonly access: readonly GivenAccess[];
  readonly names: readonly PlannedChange[];
  readonly deletions: readonly { readonly release: string; readonly reason: string }[];
  readonly kept: readonly string[];
  /** From earlier runs; null when there are none. */
  readonly estimateMs: number | null;
  readonly guards: readonly GuardVerdict[];
  readonly written: 'nothing';
}

export interface PlannedChange {
  readonly zone: string;
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** The TXT record that is written with it, and what it says now; undefined where owner records are switched off. */
  readonly owner?: { readonly name: string; readonly before: string };
}

interface Intended {
  readonly plan: Plan;
  readonly guards: readonly GuardVerdict[];
  readonly observed: Observed;
  readonly access?: readonly GivenAccess[];
}

export function planView({ plan, guards, observed, access = [] }: Intended): PlanView {
  const { operation, environment, cluster, candidate, previous } = plan;
  return {
    operation,
    environment,
    cluster,
    candidate,
    previous: previous?.name ?? null,
    live: liveText(plan, observed),
    ...(plan.chart === undefined ? {} : { chart: plan.chart }),
    ...(plan.chartIdentity === undefined ? {} : { chartIdentity: plan.chartIdentity }),
    objects: plan.createsCandidate ? [`Namespace ${candidate}`, ...access.filter(({ release }) => release === candidate).flatMap(({ objects }) => objects), ...objectsOf(observed)] : [],
    access: access.filter(({ release }) => !plan.createsCandidate || release !== candidate),
    names: staysPut(operation) ? [] : plan.names.map((name) => ({ ...changeOf(name, plan, observed), ...ownerOf(name.name, observed) })),
    deletions: deletionsOf(plan),
    kept: [...(previous === undefined || plan.deletePrevious ? [] : [previous.name]), ...plan.kept],
    estimateMs: plan.estimateMs ?? null,
    guards,
    written: 'nothing',
  };
}

/** The public stays where it is. */
function staysPut(operation: string): boolean {
  return operation === 'rehearse' || operation === 'prune';
}

function objectsOf({ chart }: Observed): readonly string[] {
  return (chart?.rendered ?? []).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

function liveText({ previous, names }: Plan, observed: Observed): string {
  if (previous !== undefined) return previous.name;
  return names.some(({ name }) => isUnread(name, observed)) ? 'not known, as names could not be read' : 'no release';
}

function isUnread(name: string, { names }: Observed): boolean {
  return names.some((candidate) => candidate.name === name && candidate.records === undefined);
}

function changeOf({ zone, name, service, ttl, before }: Plan['names'][number], { candidate }: Plan, observed: Observed): PlannedChange {
  const services = observed.releases.find((release) => release.name === candidate)?.services ?? [];
  const found = services.find(({ metadata }) => metadata.name === service) ?? services.find(({ metadata }) => metadata.labels?.['name'] === service);
  const known = found === undefined ? [] : addressesOf(found);
  const answer = known.length === 0 ? `the address that Service ${service} of ${candidate} gets` : known.join(', ');
  if (isUnread(name, observed)) return { zone, name, before: 'what could not be read', after: answer };
  return { zone, name, before: describeRecords(before), after: `${answer} (TTL ${ttl} s)` };
}

function ownerOf(name: string, observed: Observed): Pick<PlannedChange, 'owner'> {
  const held = observed.names.find((candidate) => candidate.name === name)?.owner;
  return held === undefined ? {} : { owner: { name: held.name, before: describeOwner(held) } };
}

function deletionsOf({ operation, candidate, previous, deletePrevious, leftovers }: Plan): PlanView['deletions'] {
  return [
    ...leftovers.map(({ name }) => ({ release: name, reason: 'left behind by an earlier run, before anything else' })),
    ...(deletePrevious && previous !== undefined ? [{ release: previous.name, reason: 'the previous release, once the public has moved (deleteExisting)' }] : []),
    ...(operation === 'rehearse' ? [{ release: candidate, reason: 'the rehearsed release, at the end' }] : []),
  ];
}

export function planText(view: PlanView): string {
  const { operation, environment, cluster, candidate, chart, estimateMs } = view;
  const sections = [
    [`plan: ${operation} of ${environment} on cluster ${cluster}`, `live now: ${view.live}`, `estimate: ${estimateMs === null ? 'none, no earlier run went well' : `${describeDuration(estimateMs)}, as earlier runs took`}`],
    ...(view.objects.length === 0 ? [] : [[`create release ${candidate}${chart === undefined ? '' : ` from ${chart}`}: ${count(view.objects.length, 'object')}`, ...contentLine(view), ...view.objects.map((object) => `  + ${object}`)]]),
    ...view.access.map(({ release, objects }) => [`give rights in release ${release}, which was made without them`, ...objects.map((object) => `  + ${object}`)]),
    ...namesSection(view, operation),
    ...(view.deletions.length === 0 ? [] : [['delete', table(view.deletions.map(({ release, reason }) => [`- ${release}`, reason]), '  ')]]),
    [`keep: ${view.kept.length === 0 ? 'no other release' : view.kept.join(', ')}`],
    guardsSection(view.guards),
    [verdict(view.guards), 'Nothing has been written.'],
  ];
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

function contentLine({ chartIdentity }: PlanView): readonly string[] {
  return chartIdentity === undefined ? [] : [`    chart content: ${chartIdentity}`];
}

function namesSection({ names }: PlanView, operation: string): readonly (readonly string[])[] {
  if (names.length === 0) return staysPut(operation) ? [['names: none is touched']] : [];
  const zones = [...new Set(names.map(({ zone }) => zone))];
  return [
    [
      `move ${count(names.length, 'name')} in one atomic change${zones.length === 1 ? '' : ` for each of ${zones.length} zones`}`,
      ...names.flatMap(({ name, zone, before, after, owner }) => [`  ~ ${name} (zone ${zone})`, `      before ${before}`, `      after  ${after}`, ...ownerLine(owner)]),
    ],
  ];
}

function ownerLine(owner: PlannedChange['owner']): readonly string[] {
  return owner === undefined ? [] : [`      owner  ${owner.name} TXT; so far ${owner.before}`];
}

export function guardsSection(guards: readonly GuardVerdict[]): readonly string[] {
  return ['guards', ...guards.flatMap(({ guard, holds, reasons }) => [`  ${holds ? '✔' : '✖'} ${guard}`, ...reasons.map((reason) => `      ${reason}`)])];
}

export function verdict(guards: readonly GuardVerdict[]): string {
  const failing = guards.filter(({ holds }) => !holds).length;
  return failing === 0 ? 'A run would begin.' : `A run would be refused: ${failing === 1 ? 'one guard does' : `${failing} guards do`} not hold.`;
}
