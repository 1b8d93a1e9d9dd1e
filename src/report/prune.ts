// `prune` without --yes: each release with what would become of it, why, and how old it is. Says at its end that nothing has been written.

import type { GuardVerdict } from '../plan/guards.ts';
import type { Observed } from '../plan/observed.ts';
import type { Plan } from '../plan/plan.ts';
import { sortReleases, type PruneOptions } from '../plan/prune.ts';
import { guardsSection, verdict } from './plan.ts';
import { count, describeDuration, table } from './text.ts';

export interface PrunedRelease {
  readonly release: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly createdAt: string | undefined;
}

export interface PruneView {
  readonly operation: 'prune';
  readonly environment: string;
  readonly cluster: string;
  readonly deletions: readonly PrunedRelease[];
  readonly kept: readonly PrunedRelease[];
  readonly guards: readonly GuardVerdict[];
  readonly written: 'nothing';
}

interface Intended {
  readonly plan: Plan;
  readonly guards: readonly GuardVerdict[];
  readonly observed: Observed;
}

export function pruneView({ plan: { environment, cluster }, guards, observed }: Intended, options: PruneOptions): PruneView {
  const sorted = sortReleases(observed, options);
  const pick = (wanted: (remove: boolean) => boolean): readonly PrunedRelease[] =>
    sorted.filter(({ remove }) => wanted(remove)).map(({ release: { name, createdAt }, reason }) => ({ release: name, reason, createdAt }));
  return { operation: 'prune', environment, cluster, deletions: pick((remove) => remove), kept: pick((remove) => !remove), guards, written: 'nothing' };
}

export interface PruneTextOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What removes it all. */
  readonly command: string;
}

export function pruneText(view: PruneView, { now, command }: PruneTextOptions): string {
  const { environment, cluster, deletions, kept, guards } = view;
  const failing = guards.filter(({ holds }) => !holds);
  const sections = [
    [`prune: ${count(deletions.length, 'release')} of ${environment} on cluster ${cluster} to remove`],
    ...(deletions.length === 0 ? [] : [['delete', rows('- ', deletions, now)]]),
    ['keep', kept.length === 0 ? '  no release' : rows('', kept, now)],
    ...(failing.length === 0 ? [] : [guardsSection(failing)]),
    [failing.length > 0 ? verdict(guards) : deletions.length === 0 ? 'There is nothing to remove.' : `To remove it: ${command}`, 'Nothing has been written.'],
  ];
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

function rows(mark: string, releases: readonly PrunedRelease[], now: number): string {
  return table(releases.map(({ release, reason, createdAt }) => [`${mark}${release}`, age(createdAt, now), reason]), '  ');
}

function age(createdAt: string | undefined, now: number): string {
  return createdAt === undefined ? '' : `${describeDuration(now - Date.parse(createdAt))} old`;
}
