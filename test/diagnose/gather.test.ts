// Gathering a diagnosis from a simulated world: what is asked, and what becomes of questions without an answer.

import { describe, expect, test } from 'vitest';
import type { Behaviour } from '../../sim/behaviour.ts';
import { failing } from '../../sim/faults.ts';
import { simulate, type SimulatedWorld } from '../../sim/world.ts';
import type { Diagnosis } from '../../src/diagnose/diagnosis.ts';
import { gatherDiagnosis } from '../../src/diagnose/gather.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { loadTestEnvironment } from '../../sim/environment.ts';
import { deployment, namespace, service, statefulSet } from '../support/objects.ts';

const release = 'prod-2hpwr';
const dns = [{ zone: 'example-org', name: 'www.example.org', service: 'ingress' }];

async function installed(behaviours: Readonly<Record<string, Behaviour>> = {}): Promise<SimulatedWorld> {
  const objects = [statefulSet('database'), deployment('portal', { replicas: 2 }), service('ingress', { app: 'portal' })];
  const charts = { '/chart': { name: 'portal', version: '1.0.0', objects } };
  const world = await simulate({ charts, cluster: { behaviours }, objects: [namespace(release)], zones: [{ id: 'example-org', origin: 'example.org.' }] });
  const { helm } = world.start().drivers;
  await helm.install({ name: release, namespace: release, chart: await helm.chart({ path: '/chart' }), values: [], signal: new AbortController().signal });
  await world.clock.sleep(60_000);
  return world;
}

function diagnose(world: SimulatedWorld): Promise<Diagnosis> {
  const { drivers, clock } = world.start();
  return gatherDiagnosis(drivers, { release, environment: loadTestEnvironment({ dns }), clock, signal: new AbortController().signal });
}

const forbidden = new DriverError({ reason: 'forbidden', attempted: 'GET /api/v1/…', detail: '403' });

describe('a diagnosis', () => {
  test('of a release that is well finds nothing wrong, and writes nothing', async () => {
    const world = await installed();
    const before = world.requests.length;
    const { pods, notReady, unread, services } = await diagnose(world);
    expect(pods).toEqual({ total: 3, troubled: [] });
    expect({ notReady, unread }).toEqual({ notReady: [], unread: [] });
    expect(services?.[0]).toMatchObject({ name: 'ingress', addresses: [expect.stringMatching(/^198\.18\./)] });
    expect(world.requests.slice(before).filter(({ writes }) => writes)).toEqual([]);
  });

  test('tells the crash, its log, and what is not ready because of it', async () => {
    const { pods, notReady } = await diagnose(await installed({ 'StatefulSet/database': { outcome: 'crashLoop', log: 'FATAL: no space left' } }));
    expect(pods?.troubled).toEqual([expect.objectContaining({ name: 'database-0', state: 'CrashLoopBackOff', logTail: expect.stringContaining('FATAL: no space left') })]);
    expect(notReady).toContain('StatefulSet database: 0 of 1 replicas are available');
  });

  test('tells of pods that could not even be made', async () => {
    const { pods, notReady } = await diagnose(await installed({ 'Deployment/portal': { outcome: 'quota' } }));
    expect(pods?.total).toBe(1);
    expect(notReady?.join('\n')).toMatch(/Deployment portal: its pods cannot be created: .*exceeded quota/);
  });

  test('asks for nodes and for the pods of others only when a pod has none', async () => {
    const well = await installed();
    await diagnose(well);
    expect(well.requests.filter(({ text }) => text === 'cluster.list nodes')).toEqual([]);
    const full = await installed({ 'Deployment/portal': { outcome: 'unschedulable' } });
    const { pods } = await diagnose(full);
    expect(full.requests.filter(({ text }) => text === 'cluster.list nodes')).toHaveLength(1);
    expect(pods?.troubled.map(({ state }) => state)).toEqual(['Unschedulable', 'Unschedulable']);
  });

  test('tells for each name what each server answers, and whether it leads here', async () => {
    const world = await installed();
    world.dns.edit('example-org', 'www.example.org.', [{ name: 'www.example.org.', type: 'A', ttl: 60, values: ['192.0.2.1'] }]);
    await world.clock.sleep(60_000);
    const [name] = (await diagnose(world)).names;
    expect(name?.servers.length).toBeGreaterThan(1);
    expect(name?.servers.every(({ answer, leadsHere }) => answer === 'A 192.0.2.1 (TTL 60 s)' && leadsHere === 'no')).toBe(true);
  });
});

describe('what cannot be found out', () => {
  test('is tried again when it may pass', async () => {
    const world = await installed();
    world.faults = failing(/cluster.list pods/, 'errorBefore', 2);
    expect((await diagnose(world)).pods?.total).toBe(3);
  });

  test('is left out and noted, and everything else is still told', async () => {
    const world = await installed();
    world.faults = failing(/cluster.list pods/, forbidden, 100);
    const { pods, notReady, services, unread } = await diagnose(world);
    expect({ pods, notReady }).toEqual({ pods: undefined, notReady: undefined });
    expect(unread).toEqual([{ what: 'pods', reason: 'GET /api/v1/…: 403' }]);
    expect(services).toHaveLength(1);
  });

  test('about the Services leaves open where the names lead', async () => {
    const world = await installed();
    world.faults = failing(/cluster.list services/, forbidden, 100);
    const { services, names } = await diagnose(world);
    expect(services).toBeUndefined();
    expect(names[0]?.servers.map(({ leadsHere }) => leadsHere)).not.toContain('yes');
    expect(names[0]?.servers.map(({ leadsHere }) => leadsHere)).not.toContain('no');
  });

  test('about a zone is told with its name', async () => {
    const world = await installed();
    world.faults = failing(/dns.zone/, forbidden, 100);
    expect((await diagnose(world)).names).toEqual([{ name: 'www.example.org.', service: 'ingress', servers: [], problem: 'zone example-org: GET /api/v1/…: 403' }]);
  });

  test('from one server is told of that one', async () => {
    const world = await installed();
    world.faults = failing(/resolver.query/, 'lostAnswer', 1);
    const servers = (await diagnose(world)).names[0]?.servers ?? [];
    expect(servers.filter(({ answer }) => answer.startsWith('no answer'))).toHaveLength(1);
  });

  test('about a log does not hide the crash', async () => {
    const world = await installed({ 'StatefulSet/database': { outcome: 'crashLoop' } });
    world.faults = failing(/cluster.logs/, forbidden, 100);
    const { pods, unread } = await diagnose(world);
    expect(pods?.troubled[0]?.state).toBe('CrashLoopBackOff');
    expect(pods?.troubled[0]).not.toHaveProperty('logTail');
    expect(unread[0]?.what).toBe('the log of pod database-0');
  });

  test('about a release that Helm does not know is noted', async () => {
    const world = await installed();
    world.faults = failing(/helm.manifest/, new DriverError({ reason: 'notFound', attempted: 'helm get manifest prod-2hpwr' }), 100);
    const { notReady, unread } = await diagnose(world);
    expect(notReady).toBeUndefined();
    expect(unread).toEqual([{ what: 'what release prod-2hpwr contains', reason: 'helm get manifest prod-2hpwr' }]);
  });
});
