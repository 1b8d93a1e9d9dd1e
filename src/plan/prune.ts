// What pruning removes and what it keeps, each with its reason. Pure: the deletion itself looks again at every name.

import { pointedTo } from './live.ts';
import { common, findLiveRelease, identity, isLeftover, rollbackTarget, stillHeld, type PlanInput } from './make.ts';
import type { Observed, ObservedRelease } from './observed.ts';
import type { Plan } from './plan.ts';
import { isUnfinished, type RunRecord } from '../run/record.ts';

export interface PruneOptions {
  /** Also releases that served the public once, and that no rollback returns to by itself. */
  readonly older: boolean;
}

export interface Sorted {
  readonly release: ObservedRelease;
  readonly remove: boolean;
  readonly reason: string;
}

/** Its candidate is the release that stays live: nothing is made. */
export function planPrune(input: PlanInput, options: PruneOptions): Plan {
  const sorted = sortReleases(input.observed, options);
  const live = findLiveRelease(input.observed);
  const removed = sorted.flatMap(({ release, remove }) => (remove ? [release] : []));
  return {
    ...common('prune', input, live?.name ?? ''),
    ...(live === undefined ? {} : { previous: identity(live) }),
    createsCandidate: false,
    deletePrevious: false,
    leftovers: removed.map(identity),
    ...stillHeld(removed.filter(isLeftover), input.observed),
    kept: sorted.filter(({ remove, release }) => !remove && release !== live).map(({ release }) => release.name),
  };
}

/** Every release of the environment, in the order in which it was observed. */
export function sortReleases(observed: Observed, options: PruneOptions): readonly Sorted[] {
  const live = findLiveRelease(observed)?.name;
  const marked = live === undefined ? markedLive(observed) : undefined;
  const target = rollbackTarget(observed.releases, live ?? marked, undefined)?.name;
  const inUse = pointedTo(observed.names.flatMap(({ records }) => records ?? []), observed.releases);
  return observed.releases.map((release) => {
    const needed = reasonToKeep(release, { live, marked, target, inUse });
    if (needed !== undefined) return { release, remove: false, reason: needed };
    return isLeftover(release) ? leftover(release, observed.records) : older(release, options);
  });
}

/** The marks are believed only where the names do not say which release is live because they cannot be read. */
function markedLive({ names, releases }: Observed): string | undefined {
  if (names.every(({ records }) => records !== undefined)) return undefined;
  return releases.find(({ state }) => state === 'live')?.name;
}

interface Needed {
  readonly live: string | undefined;
  readonly marked: string | undefined;
  readonly target: string | undefined;
  readonly inUse: readonly string[];
}

function reasonToKeep({ name }: ObservedRelease, { live, marked, target, inUse }: Needed): string | undefined {
  if (name === live) return 'the public names point to it';
  if (inUse.includes(name)) return 'a public name points to it';
  if (name === marked) return 'it is marked live, and the names cannot be read';
  return name === target ? 'a rollback returns to it' : undefined;
}

/** A run that is not finished looks after its own candidate: it is resumed, or unwound, before anything is pruned. */
function leftover(release: ObservedRelease, records: readonly RunRecord[]): Sorted {
  const run = records.find(({ id }) => id === release.run);
  if (run !== undefined && isUnfinished(run)) return { release, remove: false, reason: `run ${run.id}, which is not finished, is building it` };
  if (release.deleting || release.state === 'retiring') return { release, remove: true, reason: 'it was being deleted, and is not gone yet' };
  const ended = run === undefined ? 'by a run whose record is gone' : `by run ${run.id}, which ${endings[run.outcome]}`;
  return { release, remove: true, reason: `built ${ended}; it never served the public` };
}

const endings = {
  running: 'is not finished',
  interrupted: 'is not finished',
  succeeded: 'went well',
  failed: 'failed',
  restored: 'was swapped back',
  needsHuman: 'needed a human',
} as const satisfies Record<RunRecord['outcome'], string>;

function older(release: ObservedRelease, options: PruneOptions): Sorted {
  const since = release.liveSince === undefined ? 'it served the public once' : `it served the public, from ${release.liveSince}`;
  return { release, remove: options.older, reason: options.older ? `${since}; a rollback returns to another` : `${since} (--older removes it)` };
}
