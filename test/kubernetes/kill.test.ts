// The runner dies at each step boundary (SIGKILL), and the next run ends well: resumed, and nothing left over.

import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rebuild } from '../../src/operations/rebuild.ts';
import { KubernetesWorld, type RunningCommand } from './support/world.ts';

let world: KubernetesWorld;
let layer: string;

beforeAll(async () => {
  world = await KubernetesWorld.create('t-kill');
  layer = await world.writeLayer();
  expect((await world.start('rebuild', layer)).exitCode).toBe(0);
});
afterAll(() => world.end());

/** Resolves when the process has told of this event; rejects when it ends without. */
async function untilEvent(running: RunningCommand, type: string, step: string): Promise<void> {
  for await (const line of createInterface({ input: running.stderr })) {
    const event = JSON.parse(line) as { type?: string; step?: string };
    if (event.type === type && event.step === step) return;
  }
  throw new Error(`the run ended before ${type} ${step}`);
}

async function endsWell(before: string): Promise<void> {
  const { exitCode, stderr } = await world.start('rebuild', layer);
  expect(String(stderr)).not.toContain('Something unexpected');
  expect(exitCode).toBe(0);
  const [live = '', ...others] = await world.releases();
  expect(others).toEqual([]);
  expect(live).not.toBe(before);
  const answers = await Promise.all(world.names.flatMap((name) => [world.dig(name, 'primary'), world.dig(name, 'secondary')]));
  expect(answers.every((answer) => answer.length === 1)).toBe(true);
  const services = await world.kubectl('-n', live, 'get', 'services', '-o', 'jsonpath={.items[*].status.loadBalancer.ingress[*].ip}');
  expect(services.split(' ')).toEqual(expect.arrayContaining(answers.flat()));
}

// The beginning of a step is the end of the one before: with the last one's end, these are all boundaries.
const begun = rebuild.steps.filter(({ name }) => name !== 'removeLeftovers').map(({ name }) => ({ type: 'stepStarted', step: name }));
const boundaries = [...begun, { type: 'stepDone', step: 'retirePrevious' }];

describe('killed', () => {
  test.each(boundaries)('at $type $step, the next run ends well', async ({ type, step }) => {
    const [before = ''] = await world.releases();
    const running = world.start('rebuild', layer, '--log', 'json');
    await untilEvent(running, type, step);
    running.kill('SIGKILL');
    await running;
    await endsWell(before);
  });
});

describe('asked to stop (SIGTERM)', () => {
  test('while it waits, it ends in order at once, and the next run resumes it under the same release', async () => {
    const [before = ''] = await world.releases();
    const running = world.start('rebuild', layer, '--log', 'json');
    await untilEvent(running, 'stepStarted', 'waitUntilReady');
    const candidates = await world.releases();
    running.kill('SIGTERM');
    const { exitCode } = await running;
    expect(exitCode).toBe(1);
    await endsWell(before);
    const [live = ''] = await world.releases();
    expect(candidates).toContain(live);
  });
});
