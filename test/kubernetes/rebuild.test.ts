// The main job, as an operator does it: first release, second release under traffic, rollback, rehearsal, leftovers.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startTraffic, summarize } from '../../examples/demo/traffic.ts';
import { dnsResolver } from '../../src/drivers/dns/resolver.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { KubernetesWorld } from './support/world.ts';

let world: KubernetesWorld;

beforeAll(async () => {
  world = await KubernetesWorld.create('t-rebuild');
});
afterAll(() => world.end());

function startVisitors() {
  const { primary, secondary } = world.connection.dns;
  const servers = [primary, secondary].map(({ address, port }) => ({ address, port, name: address }));
  const names = world.names.map((name) => ({ name, path: '/', servers }));
  return startTraffic({ names, resolver: dnsResolver(), clientsPerName: 2, everyMs: 50, maxVisits: 10_000 });
}

async function addressesNow() {
  const answers = await Promise.all(world.names.flatMap((name) => [world.dig(name, 'primary'), world.dig(name, 'secondary')]));
  return answers.map((answer) => answer.join());
}

describe('from nothing to the third release', () => {
  let first = '';
  let second = '';

  test('a plan made before anything exists tells every intended write, and writes nothing', async () => {
    const { exitCode, stdout } = await world.run('plan');
    expect(exitCode).toBe(0);
    for (const name of world.names) expect(stdout).toContain(name.replace(/\.$/, ''));
    expect(await world.releases()).toEqual([]);
    expect(await addressesNow()).toEqual(['', '', '', '']);
    await expect(world.kubectl('get', 'namespace', 'changeover-t-rebuild')).rejects.toThrow(/NotFound/);
  });

  test('the first rebuild creates names that did not exist, on every authoritative server', async () => {
    const { exitCode, stderr } = await world.run('rebuild');
    expect(stderr).not.toContain('Something unexpected');
    expect(exitCode).toBe(0);
    [first = ''] = await world.releases();
    expect(first).toMatch(/^t-rebuild-[a-z0-9]{5}$/);
    const [www, wwwSecond, search, searchSecond] = await addressesNow();
    expect(www).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(wwwSecond).toBe(www);
    expect(searchSecond).toBe(search);
    expect(search).not.toBe(www);
  });

  test('the second rebuild moves the public without one failed request, and removes the first release', async () => {
    const traffic = startVisitors();
    const { exitCode } = await world.run('rebuild');
    await traffic.stop();
    expect(exitCode).toBe(0);
    [second = ''] = await world.releases();
    const summary = summarize(traffic.visits);
    expect(summary.failed).toEqual([]);
    expect(summary.requests).toBeGreaterThan(100);
    expect(summary.releases.map(({ release }) => release).toSorted()).toEqual([first, second].toSorted());
    await expect(world.kubectl('get', 'namespace', first)).rejects.toThrow(/NotFound/);
  });

  test('the history tells both runs, newest first, with each step', async () => {
    const { stdout } = await world.run('history', {}, '-o', 'json');
    const runs = JSON.parse(stdout) as readonly RunRecord[];
    expect(runs.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual(['rebuild succeeded', 'rebuild succeeded']);
    expect(runs[0]?.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'checkPreconditions done',
      'removeLeftovers skipped',
      'installRelease done',
      'waitUntilReady done',
      'loadData done',
      'verifyRelease done',
      'swapNames done',
      'drainPrevious done',
      'retirePrevious done',
    ]);
  });

  test('with deleteExisting: false the previous release stays, and a rollback moves the public back to it', async () => {
    const { stderr } = await world.run('rebuild', { deleteExisting: false });
    expect(stderr).toContain('rollback');
    const before = await addressesNow();
    expect(await world.releases()).toHaveLength(2);
    const traffic = startVisitors();
    const { exitCode } = await world.run('rollback', { deleteExisting: false });
    await traffic.stop();
    expect(exitCode).toBe(0);
    expect(summarize(traffic.visits).failed).toEqual([]);
    expect(await addressesNow()).not.toEqual(before);
    expect(summarize(traffic.visits).releases.toSorted((a, b) => a.lastAt - b.lastAt).at(-1)?.release).toBe(second);
  });

  test('status tells which release each name points to, as text, JSON and YAML', async () => {
    const text = await world.run('status');
    expect(text.stdout).toContain(second);
    const json = JSON.parse((await world.run('status', {}, '-o', 'json')).stdout) as { names: readonly { to: { release: string } }[] };
    expect(json.names.map(({ to }) => to.release)).toEqual([second, second]);
    const yaml = parse((await world.run('status', {}, '-o', 'yaml')).stdout) as typeof json;
    expect(yaml.names).toEqual(json.names);
  });

  test('a rehearsal does everything up to the swap, and leaves no trace of its candidate', async () => {
    const before = await addressesNow();
    const releases = await world.releases();
    const { exitCode } = await world.run('rehearse');
    expect(exitCode).toBe(0);
    expect(await addressesNow()).toEqual(before);
    expect(await world.releases()).toEqual(releases);
  });
});
