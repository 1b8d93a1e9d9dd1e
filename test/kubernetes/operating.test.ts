// Working by hand on a real cluster: a release of the classic builder is looked at, adopted, locked, left, returned to, and retired; leftovers are pruned.

import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Examination } from '../../src/doctor/examine.ts';
import type { PruneView } from '../../src/report/prune.ts';
import type { Status } from '../../src/session/status.ts';
import { KubernetesWorld } from './support/world.ts';

const classic = 't-operating-classic';
const chart = resolve(import.meta.dirname, 'chart');

let world: KubernetesWorld;

beforeAll(async () => {
  world = await KubernetesWorld.create('t-operating');
  await world.kubectl('delete', 'namespace', classic, '--ignore-not-found', '--wait=true');
  await installClassic();
});
afterAll(async () => {
  await world.kubectl('delete', 'namespace', classic, '--ignore-not-found', '--wait=false');
  await world.end();
});

/** By Helm alone, under another name than the namespace's, and with DNS pointing there: nothing of ours is on it. */
async function installClassic(): Promise<void> {
  const { binDir, kubeconfig } = world.connection;
  await execa(join(binDir, 'helm'), ['install', 'shop', chart, '--namespace', classic, '--create-namespace'], { env: { KUBECONFIG: kubeconfig } });
  await world.kubectl('rollout', 'status', 'deployment', '-n', classic, '--timeout=60s');
  const [www = '', search = ''] = world.names;
  const addresses = await Promise.all(['ingress', 'search-ingress'].map(addressOf));
  await world.nsupdate('zone example.test', `update add ${www} 1 A ${addresses[0]}`);
  await world.nsupdate('zone second.test', `update add ${search} 1 A ${addresses[1]}`);
}

/** Of the Service of this name, or with it as its label `name`, as soon as it has one. */
async function addressOf(wanted: string): Promise<string> {
  const read = await world.kubectl('get', 'services', '-n', classic, '-o', 'json');
  const { items } = JSON.parse(read) as { items: readonly { metadata: { name: string; labels?: Record<string, string> } }[] };
  const name = items.find(({ metadata }) => metadata.name === wanted || metadata.labels?.['name'] === wanted)?.metadata.name ?? wanted;
  const path = '{.status.loadBalancer.ingress[0].ip}';
  return world.kubectl('wait', `service/${name}`, '-n', classic, `--for=jsonpath=${path}`, '--timeout=60s', '-o', `jsonpath=${path}`);
}

async function examined() {
  const { exitCode, stdout } = await world.run('doctor', { deleteExisting: false }, '-o', 'json');
  const { findings } = JSON.parse(stdout) as Examination;
  return { exitCode, verdicts: Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict])) };
}

async function liveRelease(): Promise<string | undefined> {
  const { stdout } = await world.run('status', {}, '-o', 'json');
  return (JSON.parse(stdout) as Status).releases.find(({ role }) => role === 'live')?.name;
}

describe('moving over from the classic builder', () => {
  test('the doctor finds all well but what the names point to', async () => {
    const { exitCode, verdicts } = await examined();
    expect([exitCode, verdicts]).toEqual([1, { cluster: 'ok', clock: 'ok', permissions: 'ok', namespace: 'ok', records: 'ok', helm: 'ok', secrets: 'ok', chart: 'ok', names: 'ok', live: 'failed', schedule: 'ok', room: 'unknown', quota: 'unknown' }]);
  });

  test('adopting is refused while somebody else’s workload lies there, and shown before it is done', async () => {
    await world.kubectl('create', 'deployment', 'theirs', '--image=none', '--replicas=0', '-n', classic);
    const refused = await world.run('adopt', {}, classic, '--yes');
    expect([refused.exitCode, refused.stderr.includes('Deployment theirs is not of Helm release shop')]).toEqual([5, true]);
    await world.kubectl('delete', 'deployment', 'theirs', '-n', classic, '--wait=true');
    const shown = await world.run('adopt', {}, classic);
    expect([shown.exitCode, shown.stdout.includes('changeover.dev/helm-release=shop')]).toEqual([0, true]);
    expect(await world.releases()).toEqual([]);
  });

  test('adopted it is live, the doctor finds it and its room, and it can be given back and adopted again', async () => {
    expect((await world.run('adopt', {}, classic, '--yes')).exitCode).toBe(0);
    expect(await liveRelease()).toBe(classic);
    const { exitCode, verdicts } = await examined();
    expect([exitCode, verdicts['live'], verdicts['room']]).toEqual([0, 'ok', expect.stringMatching(/ok|warning/)]);
    expect((await world.run('adopt', {}, classic, '--undo', '--yes')).exitCode).toBe(0);
    expect(await world.releases()).toEqual([]);
    expect((await world.run('adopt', {}, classic, '--yes')).exitCode).toBe(0);
  });
});

describe('an adopted release', () => {
  test('is not left while the environment is locked: refused at once, with the reason', async () => {
    await world.run('lock', {}, 'acquire', '--reason', 'the database moves');
    const { exitCode, stderr } = await world.run('rebuild', { deleteExisting: false });
    expect([exitCode, stderr.includes('the database moves')]).toEqual([5, true]);
    expect((await world.run('lock', {}, 'release')).exitCode).toBe(0);
  });

  test('is what the first rebuild moves away from; too soon after it a scheduled one is refused; a rollback returns to it', async () => {
    const { exitCode, stderr } = await world.run('rebuild', { deleteExisting: false });
    expect(exitCode, stderr).toBe(0);
    expect(await liveRelease()).toMatch(/^t-operating-[a-z0-9]{5}$/);
    const soon = await world.run('rebuild', { deleteExisting: false, minInterval: '2h' }, '--scheduled');
    expect([soon.exitCode, soon.stderr.includes('the next scheduled one may begin at')]).toEqual([5, true]);
    const back = await world.run('rollback');
    expect(back.exitCode, back.stderr).toBe(0);
    expect(await liveRelease()).toBe(classic);
  });

  test('stays, as does the way back, when the candidate that a failed run has kept is pruned', async () => {
    const failing = { ...world.release({ loaderExit: 3 }, { onFailure: 'keep' }), deleteExisting: false };
    expect((await world.run('rebuild', failing)).exitCode).toBe(1);
    const before = await world.releases();
    const { stdout } = await world.run('prune', {}, '-o', 'json');
    const { deletions, kept } = JSON.parse(stdout) as PruneView;
    expect([deletions, kept].map((sorted) => sorted.length)).toEqual([1, 2]);
    expect(await world.releases()).toEqual(before);
    const pruned = await world.run('prune', {}, '--yes');
    expect(pruned.exitCode, pruned.stderr).toBe(0);
    expect(await world.releases()).toEqual(kept.map(({ release }) => release).toSorted());
  });

  test('is retired by a rebuild with deleteExisting, by Helm’s own name for it, its namespace included', async () => {
    const { exitCode, stderr } = await world.run('rebuild', { deleteExisting: true });
    expect(exitCode, stderr).toBe(0);
    await expect(world.kubectl('get', 'namespace', classic)).rejects.toThrow(/NotFound/);
  });
});
