// The builds that later ones have superseded: finds and removes them. It never touches one that a process runs from.
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { findPrograms } from './processes.ts';

export interface Build {
  readonly name: string;
  /** Since it was used last. */
  readonly ageMs: number;
  readonly isRunning: boolean;
}

// The present one, the one of the commit before, and one of another branch.
const kept = 3;

// Longer than a build takes, and than an `up` that has found one takes to start it.
const recentMs = 3_600_000;

/** What may go: of each kind (`HASH`, `tool-HASH`) all but the last few, and what a killed build left (`HASH.aB3xYz`). */
export function supersededBuilds(builds: readonly Build[]): readonly string[] {
  const places = new Map<string, number>();
  return builds.toSorted((left, right) => left.ageMs - right.ageMs).flatMap(({ name, ageMs, isRunning }) => {
    const match = /^(.+-)?[0-9a-f]{16}(\.\w{6})?$/.exec(name);
    if (match === null) return [];
    const [, kind = '', half] = match;
    const place = places.get(kind) ?? 0;
    if (half === undefined) places.set(kind, place + 1);
    const isWanted = half === undefined && place < kept;
    return isWanted || ageMs < recentMs || isRunning ? [] : [name];
  });
}

/** By its time the others go or stay. */
export async function noteUse(directory: string): Promise<void> {
  const now = new Date();
  await utimes(directory, now, now);
}

/** Beside the one that was just made. */
export async function removeOldBuilds(made: string): Promise<void> {
  const directory = dirname(made);
  const programs = await findPrograms();
  const builds = (await readdir(directory)).map(async (name) => {
    const isRunning = name === basename(made) || programs.some((program) => program.startsWith(`${join(directory, name)}/`));
    return { name, ageMs: Date.now() - (await stat(join(directory, name))).mtimeMs, isRunning };
  });
  const names = supersededBuilds(await Promise.all(builds));
  await Promise.all(names.map((name) => rm(join(directory, name), { recursive: true, force: true })));
}
