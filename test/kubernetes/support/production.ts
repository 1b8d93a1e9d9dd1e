// A world with a live release, and how to tell that nothing of it was touched. Makes that release and changes nothing else.

import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { KubernetesWorld, type RunningCommand, type SeenObject } from './world.ts';

export interface LiveProduction {
  readonly world: KubernetesWorld;
  /** Notes what is live and what the names answer from now on. */
  note(): Promise<void>;
  /** What was noted is still so on every name server and in every object of the live release, and there is no other release. */
  isUntouched(): Promise<void>;
  live(): string;
}

export async function liveProduction(environment: string): Promise<LiveProduction> {
  const world = await KubernetesWorld.create(environment);
  const { exitCode, stderr } = await world.run('rebuild');
  expect(exitCode, stderr).toBe(0);
  let noted: Noted = { releases: [], answers: [], objects: [] };
  const production: LiveProduction = {
    world,
    live: () => noted.releases[0] ?? '',
    async note() {
      const releases = await world.releases();
      expect(releases).toHaveLength(1);
      noted = { releases, answers: await answersOf(world), objects: await world.objectsOf(releases[0] ?? '') };
      expect(noted.objects.map(({ name }) => name)).toEqual(expect.arrayContaining(['web', 'ingress', 'search']));
    },
    async isUntouched() {
      expect(await answersOf(world)).toEqual(noted.answers);
      expect(await world.releases()).toEqual(noted.releases);
      expect(await world.objectsOf(production.live())).toEqual(noted.objects);
    },
  };
  await production.note();
  return production;
}

interface Noted {
  readonly releases: readonly string[];
  readonly answers: readonly (readonly string[])[];
  readonly objects: readonly SeenObject[];
}

/** Of each name, on both name servers. */
async function answersOf(world: KubernetesWorld): Promise<Noted['answers']> {
  return Promise.all(world.names.flatMap((name) => [world.dig(name, 'primary'), world.dig(name, 'secondary')]));
}

export interface AwaitedEvent {
  readonly type: string;
  readonly step?: string;
}

/** Resolves when the command, started with `--log json`, has told of this event; rejects when it ends without. */
export async function untilEvent(running: RunningCommand, { type, step }: AwaitedEvent): Promise<void> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: running.stderr })) {
    lines.push(line);
    const event = JSON.parse(line) as AwaitedEvent;
    if (event.type === type && (step === undefined || event.step === step)) return;
  }
  throw new Error(`the run ended before ${type} ${step ?? ''}:\n${lines.slice(-10).join('\n')}`);
}
