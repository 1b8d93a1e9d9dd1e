// What a seed chooses, and how it is told: all kinds of days come up, each is described, and nothing depends on anything but the seed.

import { describe, expect, test } from 'vitest';
import { hardshipKinds } from '../../sim/hardships.ts';
import { chooseMix, describeFault, faultKinds, faultsOf } from '../../sim/mix.ts';
import { seeded } from '../../sim/random.ts';
import type { SimulatedRequest } from '../../sim/requests.ts';
import { actorNames } from '../../sim/scenarios/scenario.ts';
import { scenarios } from '../../sim/scenarios/scenarios.ts';
import { chooseCast, runSeed } from '../../sim/seed.ts';
import { Transcript } from '../../sim/transcript.ts';
import { DriverError } from '../../src/drivers/failure.ts';

const request = (index: number, more: Partial<SimulatedRequest> = {}): SimulatedRequest => ({ index, process: 1, at: index * 10, driver: 'cluster', method: 'get', text: 'cluster.get Namespace prod-1', writes: false, ...more });
const casts = Array.from({ length: 2_000 }, (_, seed) => chooseCast(seeded(Math.imul(seed, 0x9e3779b1)), { seed }));

describe('of two thousand seeds', () => {
  test('every scenario, every kind of fault and everybody who may interfere has his days', () => {
    expect(new Set(casts.map(({ scenario }) => scenario.name))).toEqual(new Set(scenarios.map(({ name }) => name)));
    expect(new Set(casts.flatMap(({ mix }) => mix.kinds))).toEqual(new Set(faultKinds));
    expect(new Set(casts.flatMap(({ actors }) => actors))).toEqual(new Set(actorNames));
    expect(new Set(casts.flatMap(({ hardships }) => hardships))).toEqual(new Set(hardshipKinds));
  });

  test('some days are quiet, some have deaths, some have several people', () => {
    const share = (holds: (cast: (typeof casts)[number]) => boolean): number => casts.filter(holds).length / casts.length;
    expect(share(({ mix, actors }) => mix.share === 0 && mix.deaths.length === 0 && actors.length === 0)).toBeGreaterThan(0.01);
    expect(share(({ mix }) => mix.deaths.length > 1)).toBeGreaterThan(0.2);
    expect(share(({ actors }) => actors.length > 1)).toBeGreaterThan(0.1);
  });
});

test('only what is wanted comes up', () => {
  const rollbacks = Array.from({ length: 50 }, (_, seed) => chooseCast(seeded(seed), { seed, operation: 'rollback', faults: ['lost'] }));
  expect(new Set(rollbacks.map(({ scenario }) => scenario.operation))).toEqual(new Set(['rollback']));
  expect(new Set(rollbacks.flatMap(({ mix }) => mix.kinds))).toEqual(new Set(['lost']));
  expect(rollbacks.flatMap(({ mix }) => mix.deaths)).toEqual([]);
  expect(chooseCast(seeded(1), { seed: 1, faults: [] })).toMatchObject({ actors: [], mix: { kinds: [], deaths: [] } });
  expect(() => chooseCast(seeded(1), { seed: 1, operation: 'rollback', scenario: 'prune' })).toThrow('no scenario is called prune and is about rollback');
});

test.each([
  { kind: 'pressure', seed: 7, told: 'the nodes are short of memory' },
  { kind: 'quota', seed: 7, told: 'the quota leaves no room' },
  { kind: 'terminating', seed: 7, told: 'namespaces stay Terminating' },
  { kind: 'handLock', seed: 7, told: 'somebody locks the environment by hand' },
  { kind: 'flapping', seed: 8, told: 'pods that start flap' },
  { kind: 'breaking', seed: 3, told: 'pods that start break' },
  { kind: 'lateServer', seed: 5, told: 'what it serves now' },
] as const)('a day with nothing but $kind is told so, and comes to a good end', async ({ kind, seed, told }) => {
  const { transcript, violations } = await runSeed({ seed, scenario: 'rebuild', faults: [kind] });
  expect(transcript.text()).toContain(`Besides: ${kind}.`);
  expect(transcript.text()).toContain(told);
  expect(violations).toEqual([]);
});

describe('a mix of faults', () => {
  test('strikes no more often than it may, and deaths at their requests', () => {
    const faults = faultsOf({ share: 1, most: 3, kinds: ['error'], deaths: [{ nth: 2, fault: 'killAfter' }] }, seeded(1));
    expect(Array.from({ length: 6 }, (_, index) => faults(request(index)))).toEqual(['errorBefore', 'killAfter', 'errorBefore', 'errorBefore', undefined, undefined]);
  });

  test('a conflict strikes only what compares and swaps, a lost version only a watch', () => {
    const of = (kind: 'conflict' | 'gone', one: SimulatedRequest) => faultsOf({ share: 1, most: 9, kinds: [kind], deaths: [] }, seeded(1))(one);
    expect(of('conflict', request(0))).toBeUndefined();
    expect(of('conflict', request(0, { text: 'cluster.replace leases changeover/changeover-prod', method: 'replace' }))).toMatchObject({ reason: 'conflict' });
    expect(of('gone', request(0))).toBeUndefined();
    expect(of('gone', request(0, { method: 'watch' }))).toMatchObject({ reason: 'gone' });
  });

  test('the same chance chooses the same mix, and each fault has a word for the transcript', () => {
    expect(chooseMix(seeded(5), faultKinds)).toEqual(chooseMix(seeded(5), faultKinds));
    expect([describeFault('kill'), describeFault({ fault: 'stale', ms: 30 }), describeFault(new DriverError({ reason: 'forbidden', attempted: 'x', detail: 'simulated: 403' }))]).toEqual(['kill', 'stale 30', '403']);
  });
});

test('a transcript tells requests, what struck them, and what was told between them, with the time since the beginning', () => {
  const requests = [request(0), request(1, { at: 3_723_004.5, process: 2 })];
  const transcript = new Transcript({ requests, startedAt: 0 });
  transcript.struck(requests[1] as SimulatedRequest, 'lostAnswer');
  transcript.note(3_723_100, 'somebody else came');
  expect(transcript.lines()).toEqual(['0:00:00.000 p1  cluster.get Namespace prod-1', '1:02:03.004 p2  cluster.get Namespace prod-1   <- lostAnswer', '1:02:03.100     somebody else came']);
  expect(transcript.faults).toBe(1);
  expect(transcript.hash()).toMatch(/^[0-9a-f]{64}$/);
});
