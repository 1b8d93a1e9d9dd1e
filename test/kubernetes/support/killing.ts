// A rebuild whose process dies (SIGKILL) at a step boundary, and the run after it, which must end well.

import { expect } from 'vitest';
import { rebuild } from '../../../src/operations/rebuild.ts';
import { untilEvent, type AwaitedEvent } from './production.ts';
import { KubernetesWorld } from './world.ts';

export interface Killing {
  readonly world: KubernetesWorld;
  readonly layer: string;
}

/** The beginning of a step is the end of the one before: with the last one's end, these are all boundaries. */
export const boundaries: readonly Required<AwaitedEvent>[] = [
  ...rebuild.steps.filter(({ name }) => name !== 'removeLeftovers').map(({ name }) => ({ type: 'stepStarted', step: name })),
  { type: 'stepDone', step: 'retirePrevious' },
];

/** From here on the public is moving, or has moved. */
export const firstPublic = boundaries.findIndex(({ step }) => step === 'swapNames');

export async function liveRelease(environment: string): Promise<Killing> {
  const world = await KubernetesWorld.create(environment);
  const layer = await world.writeLayer();
  const { exitCode, stderr } = await world.start('rebuild', layer);
  expect(exitCode, String(stderr)).toBe(0);
  return { world, layer };
}

export async function killAndRunAgain(killing: Killing, boundary: AwaitedEvent): Promise<void> {
  const { world, layer } = killing;
  const [before = ''] = await world.releases();
  const running = world.start('rebuild', layer, '--log', 'json');
  await untilEvent(running, boundary);
  running.kill('SIGKILL');
  await running;
  await endsWell(killing, before);
}

/** The next run succeeds, its release is the only one and another than `before`, and all names lead to it. */
export async function endsWell({ world, layer }: Killing, before: string): Promise<void> {
  const { exitCode, stderr } = await world.start('rebuild', layer);
  expect(String(stderr)).not.toContain('Something unexpected');
  expect(exitCode, String(stderr)).toBe(0);
  const [live = '', ...others] = await world.releases();
  expect(others).toEqual([]);
  expect(live).not.toBe(before);
  const answers = await Promise.all(world.names.flatMap((name) => [world.dig(name, 'primary'), world.dig(name, 'secondary')]));
  expect(answers.every((answer) => answer.length === 1)).toBe(true);
  expect(await world.addressesOf(live)).toEqual(expect.arrayContaining(answers.flat()));
}
