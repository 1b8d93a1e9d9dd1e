// What must be true once the last run has ended, whoever died before: told from the records, and compared with the world.

import { Failure } from '../../src/errors.ts';
import type { Environment } from '../../src/config/environment.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { annotations } from '../../src/plan/ownership.ts';
import { plan, type Plan } from '../../src/plan/plan.ts';
import type { RunRecord } from '../../src/run/record.ts';
import type { End, Stage } from './commands.ts';
import { difference, takeInventory, type Inventory } from './inventory.ts';
import type { Ledger } from './ledger.ts';
import type { Production } from '../production.ts';
import type { Subject } from './subjects.ts';

export interface Evidence {
  readonly stage: Stage;
  readonly ledger: Ledger;
  readonly usual: { readonly subject: Subject; readonly inventory: Inventory };
  /** Of everything that was asked for after the last death. */
  readonly ends: readonly End[];
  /** Ids of the runs that had ended before the first death. */
  readonly before: { readonly finished: readonly string[] };
}

/** Something that must not be, and against what that is. */
export interface Finding {
  readonly invariant: string;
  readonly problem: string;
  /** The last requests before it, oldest first; of what only the end can tell, the last of all. */
  readonly story?: readonly string[];
}

export async function judge(evidence: Evidence): Promise<readonly Finding[]> {
  const { stage: { production, watched }, ledger, usual: { subject } } = evidence;
  const records = await production.records();
  const found = [
    ...watched.settle().map(({ invariant, problem, story }) => ({ invariant, problem, story })),
    ...named('L1', [...endings(evidence), ...records.flatMap((record) => unfinished(record, evidence))]),
    ...named('I2', [...ledger.problems(), ...wanderings(records, evidence)]),
    ...named('I6', [...lockProblems(evidence), ...ledger.premature(), ...leftovers(evidence)]),
    ...releaseProblems(records, evidence),
  ];
  return found.filter(({ problem }) => subject.allows?.test(problem) !== true);
}

function named(invariant: string, problems: readonly string[]): readonly Finding[] {
  return problems.map((problem) => ({ invariant, problem }));
}

function endings({ ends, usual: { subject } }: Evidence): readonly string[] {
  const last = ends.at(-1);
  const allowed = subject.outcomes ?? ['succeeded'];
  if (last?.type === 'refused' && subject.mayBeRefused === true && last.error instanceof Failure && last.error.code === 'GuardFailed') return [];
  if (last?.type === 'refused') return [`the last command was refused: ${String(last.error)}`];
  if (last?.type === 'killed') return ['the last command did not end'];
  if (last?.type !== 'ended' || allowed.includes(last.outcome)) return [];
  return [`the last command ended as ${last.outcome}, and should have ${allowed.join(' or ')}`];
}

/** Where somebody else has changed a name, a human may well be called. */
function unfinished({ id, outcome, failure }: RunRecord, { stage: { production } }: Evidence): readonly string[] {
  if (outcome === 'running' || outcome === 'interrupted') return [`run ${id} is not finished: ${outcome}`];
  return outcome === 'needsHuman' && !isEdited(production) ? [`run ${id} needs a human: ${failure?.summary}`] : [];
}

function isEdited({ names, others }: Production): boolean {
  return names.some((name) => others.hasEdited(name));
}

function lockProblems({ stage: { production } }: Evidence): readonly string[] {
  const leases = production.world.cluster.inside.store.all(kinds.lease);
  const held = leases.filter((lease) => ((lease['spec'] ?? {}) as { readonly holderIdentity?: string }).holderIdentity !== '');
  return held.map(({ metadata }) => `Lease ${metadata.name} was not given back`);
}

/** By the records: what each run that ended has made of the releases before it. */
function releaseProblems(records: readonly RunRecord[], { stage: { production, environment }, usual: { subject } }: Evidence): readonly Finding[] {
  const { live: liveAtFirst, releases = [] } = subject.startsWith ?? {};
  const expected = records.reduce((before, record) => after(before, record, environment), { live: liveAtFirst, releases: new Set(releases) } as Releases);
  const found = production.releases();
  const live = production.publicReleases();
  return [
    ...named('I3', [...expected.releases].filter((name) => !found.includes(name)).map((name) => `${name} is gone, and should be there`)),
    ...named('I6', found.filter((name) => !expected.releases.has(name)).map((name) => `${name} is still there, and belongs to nothing`)),
    ...named('I4', live.every((release) => release === expected.live) ? [] : [`the public is on ${live.join(' and ')}, and should be on ${expected.live}`]),
    ...named('I6', found.flatMap((release) => markProblems(release, { live: expected.live, production }))),
  ];
}

interface Releases {
  readonly live: string | undefined;
  readonly releases: ReadonlySet<string>;
}

function after({ live, releases }: Releases, record: RunRecord, { deleteExisting, release: { onFailure } }: Environment): Releases {
  const { candidate, previous, createsCandidate, leftovers }: Plan = plan.parse(record.plan);
  const hasSucceeded = record.outcome === 'succeeded';
  const gone = [...(hasRun(record, 'removeLeftovers') ? leftovers : []), ...(hasSucceeded && record.operation === 'rebuild' && deleteExisting && previous !== undefined ? [previous] : [])];
  const left = new Set([...releases].filter((name) => !gone.some((release) => release.name === name)));
  const isKept = onFailure === 'keep' && !hasRun(record, 'removeCandidate') && createsCandidate && !hasSucceeded && hasRun(record, 'installRelease') && record.failure?.code !== 'Cancelled';
  if (isKept) return { live, releases: left.add(candidate) };
  return hasSucceeded && movesNames(record) ? { live: candidate, releases: left.add(candidate) } : { live, releases: left };
}

/** Nobody is led to and fro: a run that went well moves each name once, one that was taken back twice. */
function wanderings(records: readonly RunRecord[], { ledger, before, stage: { production } }: Evidence): readonly string[] {
  if (isEdited(production)) return [];
  const own = records.filter((one) => !before.finished.includes(one.id) && movesNames(one));
  const most = own.reduce((sum, { outcome }) => sum + (outcome === 'succeeded' ? 1 : 2), 0);
  return [...ledger.journeys()].filter(([, places]) => places.length - 1 > most).map(([name, places]) => `${name} went to and fro: ${places.join(' -> ')}`);
}

function movesNames(record: RunRecord): boolean {
  return hasRun(record, 'swapNames');
}

function hasRun({ steps }: RunRecord, name: string): boolean {
  return steps.some((step) => step.name === name && step.state !== 'pending' && step.state !== 'skipped');
}

function markProblems(release: string, { live, production }: { readonly live: string | undefined; readonly production: Production }): readonly string[] {
  const namespace = production.world.cluster.inside.store.get(kinds.namespace, undefined, release);
  const state = namespace?.metadata.annotations?.[annotations.state];
  const wanted = release === live ? 'live' : 'previous';
  return state === wanted ? [] : [`namespace ${release} is marked as ${state}, and should be as ${wanted}`];
}

/** A release has what releases have that nobody has died at; and nothing is outside of them that was not there then. */
function leftovers({ stage: { production }, usual }: Evidence): readonly string[] {
  const found = takeInventory(production.world, production.releases());
  const known = [...usual.inventory.releases.values()];
  const strange = [...found.releases].flatMap(([name, lines]) => {
    const closest = known.map((wanted) => difference(wanted, lines)).toSorted((left, right) => left.length - right.length)[0] ?? [];
    return closest.map((line) => `${name}: ${line}`);
  });
  return [...difference(usual.inventory.outside, found.outside), ...strange];
}
