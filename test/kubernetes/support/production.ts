// A world with a live release, and how to tell that nothing of it was touched. Makes that release and changes nothing else.

import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { KubernetesWorld, type RunningCommand } from './world.ts';

export interface LiveProduction {
  readonly world: KubernetesWorld;
  /** Notes what is live and what the names answer from now on. */
  note(): Promise<void>;
  /** What was noted is still so, and there is no other release. */
  isUntouched(): Promise<void>;
  live(): string;
}

export async function liveProduction(environment: string): Promise<LiveProduction> {
  const world = await KubernetesWorld.create(environment);
  const { exitCode, stderr } = await world.run('rebuild');
  expect(exitCode, stderr).toBe(0);
  const answersNow = async () => (await Promise.all(world.names.map((name) => world.dig(name)))).flat();
  let noted: { readonly releases: readonly string[]; readonly answers: readonly string[] } = { releases: [], answers: [] };
  const production: LiveProduction = {
    world,
    live: () => noted.releases[0] ?? '',
    async note() {
      noted = { releases: await world.releases(), answers: await answersNow() };
      expect(noted.releases).toHaveLength(1);
    },
    async isUntouched() {
      expect(await answersNow()).toEqual(noted.answers);
      expect(await world.releases()).toEqual(noted.releases);
    },
  };
  await production.note();
  return production;
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
