// A Job followed in the simulated cluster: pods that wait, are lost, are replaced, and its end.

import { describe, expect, test } from 'vitest';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { followJob, type JobEnd } from '../../src/follow/job.ts';
import { simulate, type SimulatedWorld } from '../../sim/world.ts';
import type { Behaviour } from '../../sim/behaviour.ts';

const spec = { backoffLimit: 2, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'changeover', image: 'changeover:1' }] } } };

interface Followed {
  readonly end: JobEnd;
  readonly lines: readonly string[];
  readonly said: readonly string[];
}

async function started(behaviour: Behaviour): Promise<SimulatedWorld> {
  const world = await simulate({ objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'runners' } }] });
  world.cluster.behaviours.set('Job/runner', { afterMs: 5_000, ...behaviour });
  await world.cluster.create(kinds.job, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'runner', namespace: 'runners' }, spec });
  return world;
}

async function follow(world: SimulatedWorld, onSaid: (line: string) => void = () => undefined, signal = new AbortController().signal): Promise<Followed> {
  const [lines, said] = [[] as string[], [] as string[]];
  const { drivers, clock } = world.start();
  const end = await followJob({
    cluster: drivers.cluster,
    clock,
    signal,
    namespace: 'runners',
    job: 'runner',
    container: 'changeover',
    onLine: ({ text }) => lines.push(text),
    say: (line) => {
      said.push(line.replaceAll(/runner-[a-z0-9]{5}\b/g, 'POD'));
      onSaid(line);
    },
  });
  return { end, lines, said };
}

function pods(world: SimulatedWorld): readonly KubernetesObject[] {
  return world.cluster.inside.store.all(kinds.pod, 'runners');
}

test('one pod that ends well: its lines, and nothing else to say', async () => {
  const { end, lines, said } = await follow(await started({ log: '+100 one\n+2000 two' }));
  expect(lines).toEqual(['one', 'two']);
  expect(end).toMatchObject({ verdict: { succeeded: true }, exitCode: 0, pods: [expect.any(String)] });
  expect(said).toEqual(['pod POD: it has not been looked at by its node yet', 'pod POD: container changeover: ContainerCreating']);
});

test('pods that fail one after the other are followed in order, until the Job gives up', async () => {
  const { end, lines, said } = await follow(await started({ outcome: 'fails', exitCode: 143, log: '+100 hello' }));
  expect(lines).toEqual(['hello', 'hello', 'hello']);
  expect(end).toMatchObject({ verdict: { succeeded: false, reason: expect.stringContaining('BackoffLimitExceeded') }, exitCode: 143 });
  expect(new Set(end.pods).size).toBe(3);
  expect(said.filter((line) => line.includes('exit code'))).toEqual(Array.from({ length: 3 }, () => 'pod POD has ended with exit code 143'));
});

test.each([
  { exitCode: 143, what: 'was stopped, and is replaced', isAwaited: true },
  { exitCode: 1, what: 'has failed, which is the end', isAwaited: false },
])('after a pod that $what, another is awaited: $isAwaited', async ({ exitCode, isAwaited }) => {
  const { said } = await follow(await started({ outcome: 'fails', exitCode }));
  const after = said.slice(said.indexOf(`pod POD has ended with exit code ${exitCode}`) + 1);
  expect(after.includes('Job runner: waiting for a pod')).toBe(isAwaited);
});

test('a Job that has long ended is shown from its beginning', async () => {
  const world = await started({ log: '+100 one' });
  await world.clock.sleep(60_000);
  expect(await follow(world)).toMatchObject({ lines: ['one'], end: { exitCode: 0 } });
});

describe('what is said, once, of a pod that does not start', () => {
  test.each([
    ['imagePull', /Failed to pull image|Back-off pulling/],
    ['unschedulable', /Insufficient cpu/],
  ] as const)('%s', async (outcome, cause) => {
    const world = await started({ outcome });
    const stop = new AbortController();
    world.clock.after(120_000, () => stop.abort(new Error('enough')));
    const said: string[] = [];
    await expect(follow(world, (line) => said.push(line), stop.signal)).rejects.toThrow('enough');
    expect(said.filter((line) => cause.test(line)).length).toBeGreaterThanOrEqual(1);
    expect(new Set(said).size).toBe(said.length);
  });
});

test('a pod that vanishes with its node is lost; the next one is followed', async () => {
  const world = await started({ outcome: 'never', log: '+100 first' });
  world.clock.after(8_000, () => {
    world.cluster.behaviours.set('Job/runner', { afterMs: 2_000, log: '+100 second' });
    for (const { metadata } of pods(world)) void world.cluster.delete({ kind: kinds.pod, ...metadata }, metadata.uid ?? '');
  });
  const { end, lines, said } = await follow(world);
  expect(lines).toEqual(['first', 'second']);
  expect(said).toContain('pod POD is lost');
  expect(end).toMatchObject({ exitCode: 0, verdict: { succeeded: true } });
});

test('a Job that is deleted ends without a verdict', async () => {
  const world = await started({ outcome: 'never' });
  world.clock.after(8_000, () => {
    const [job] = world.cluster.inside.store.all(kinds.job, 'runners');
    if (job !== undefined) void world.cluster.delete({ kind: kinds.job, ...job.metadata }, job.metadata.uid ?? '');
  });
  expect((await follow(world)).end).toMatchObject({ verdict: undefined });
});

test('an API server that answers now and then is enough: no line is lost, and none told twice', async () => {
  const world = await started({ afterMs: 30_000, log: Array.from({ length: 20 }, (_, index) => `+1000 line ${index}`).join('\n') });
  let asked = 0;
  world.faults = ({ text }) => (/cluster\.(followLog|watch|list)/.test(text) && (asked += 1) % 3 !== 0 ? 'errorBefore' : undefined);
  expect((await follow(world)).lines).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index}`));
});
