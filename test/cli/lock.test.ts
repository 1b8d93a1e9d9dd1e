// `lock` as an operator types it: who is refused and told why, who goes on undisturbed, and how it is taken off.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { failing } from '../../sim/faults.ts';
import { terminal, type Terminal } from './terminal.ts';

let shell: Terminal;
beforeEach(async () => {
  shell = await terminal();
});
afterEach(() => shell.close());

const acquire = ['lock', 'acquire', '--reason', 'the database moves', '-f', 'prod.yaml'];
const locking = async () => shell.typeWords(acquire);
const lease = () => shell.world.cluster.inside.store.get(kinds.lease, 'changeover', 'changeover-prod');

describe('an environment that is locked', () => {
  it('is told with the command that allows runs again, to be copied', async () => {
    expect((await locking()).stdout).toContain('To allow runs again: changeover lock release -f prod.yaml');
    expect((await shell.type('doctor -f prod.yaml')).stdout).toContain('When the reason has passed: changeover lock release -f prod.yaml');
  });

  it.each(['rebuild', 'rehearse', 'rollback', 'prune --yes', 'rebuild --scheduled'])('refuses %s at once, with who, why, since when, and how to release it', async (command) => {
    await shell.type('rebuild -f prod.yaml');
    expect((await locking()).exitCode).toBe(0);
    const before = shell.world.requests.length;
    const { exitCode, stderr } = await shell.type(`${command} -f prod.yaml`);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/host\/1 locked it at 2026-01-01T00:\d\d:\d\d\.\d{3}Z: /);
    expect(stderr).toContain('the database moves');
    expect(stderr.trimEnd().split('\n').at(-1)?.trim()).toBe('changeover lock release -f prod.yaml');
    expect(shell.world.requests.slice(before).map(({ text }) => text)).toEqual(['cluster.identity', 'cluster.get Lease changeover/changeover-prod']);
    expect(shell.releases()).toEqual(['prod-r0001']);
  });

  it('can still be looked at: plan, status and history read', async () => {
    await locking();
    expect((await shell.type('plan -f prod.yaml')).exitCode).toBe(0);
    const { exitCode, stdout } = await shell.type('status -f prod.yaml');
    expect([exitCode, stdout.includes('every run is refused: host/1 locked it')]).toEqual([0, true]);
    expect(JSON.parse((await shell.type('status -f prod.yaml -o json')).stdout)).toMatchObject({ locked: { by: 'host/1', reason: 'the database moves' } });
  });

  it('is free again once the lock is released, and releasing it again changes nothing', async () => {
    await locking();
    expect((await shell.type('lock release -f prod.yaml')).stdout).toContain('prod is not locked by hand');
    expect((await shell.type('lock release -f prod.yaml')).exitCode).toBe(0);
    expect((await shell.type('rebuild -f prod.yaml')).exitCode).toBe(0);
  });

  it('stays locked for another reason; the same reason again is as good as once', async () => {
    await locking();
    expect((await locking()).exitCode).toBe(0);
    const other = await shell.typeWords(['lock', 'acquire', '--reason', 'mine', '-f', 'prod.yaml']);
    expect([other.exitCode, other.stderr.includes('the database moves')]).toEqual([5, true]);
    expect((await shell.type('lock -f prod.yaml -o json')).stdout).toContain('"reason": "the database moves"');
  });

  it('is locked also when what is written there cannot be read', async () => {
    await locking();
    await shell.world.cluster.patch({ kind: kinds.lease, namespace: 'changeover', name: 'changeover-prod' }, { metadata: { annotations: { 'changeover.dev/locked': 'do not touch' } } });
    const { exitCode, stderr } = await shell.type('rebuild -f prod.yaml');
    expect([exitCode, stderr.includes('somebody locked it: do not touch')]).toEqual([5, true]);
  });

  it('is locked although the answer to the command was lost', async () => {
    shell.world.faults = failing(/^cluster\.replace leases changeover\/changeover-prod/, 'lostAnswer');
    await shell.world.start().drivers.lease.write({ holder: '', epoch: 1, durationMs: 30_000, acquiredAt: 0, renewedAt: 0 }, undefined);
    expect((await locking()).exitCode).toBe(0);
    expect(shell.world.requests.filter(({ text }) => text.startsWith('cluster.replace')).length).toBeLessThanOrEqual(2);
    expect(lease()?.metadata.annotations?.['changeover.dev/locked']).toContain('the database moves');
  });
});

describe('a run that is under way', () => {
  it('is not disturbed by a lock, which says so, and the next run is refused', async () => {
    let locked: ReturnType<Terminal['type']> | undefined;
    const onTalk = (text: string): void => {
      if (text.includes('Wait until the public has moved')) locked ??= locking();
    };
    const run = await shell.type('rebuild -f prod.yaml', { onTalk });
    expect(run.exitCode).toBe(0);
    expect((await locked)?.stdout).toContain('; it is not disturbed');
    expect((await shell.type('rebuild -f prod.yaml')).exitCode).toBe(5);
  });

  it('is not ended by releasing a lock that nobody has put on: told who runs, and how to stop it', async () => {
    let released: ReturnType<Terminal['type']> | undefined;
    const onTalk = (text: string): void => {
      if (text.includes('Wait until the public has moved')) released ??= shell.type('lock release -f prod.yaml');
    };
    expect((await shell.type('rebuild -f prod.yaml', { onTalk })).exitCode).toBe(0);
    const told = await released;
    expect([told?.exitCode, told?.stderr.includes('changeover cancel')]).toEqual([5, true]);
  });
});

describe('the lock of a runner that hangs', () => {
  it('is taken with --force; the runner stops writing, and its run is left to the next one', async () => {
    let forced: ReturnType<Terminal['type']> | undefined;
    const onTalk = (text: string): void => {
      if (text.includes('Load the data')) forced ??= shell.type('lock release --force -f prod.yaml', { holder: 'laptop/9' });
    };
    shell.world.cluster.behaviours.set('Job/loader', { outcome: 'never' });
    const hanging = await shell.type('rebuild -f prod.yaml', { onTalk });
    expect(hanging.stderr).toContain('another runner has taken it');
    const told = await forced;
    expect(told?.exitCode).toBe(0);
    expect(told?.stderr).toContain('taking the lock from host/1');
    expect(told?.stdout).toContain('nobody runs');
    shell.world.cluster.behaviours.clear();
    expect((await shell.type('rebuild --fresh -f prod.yaml')).exitCode).toBe(0);
    expect(shell.releases()).toEqual(['prod-r0002']);
  });

  it('is given back only when that runner can certainly write no more', async () => {
    const hanging = shell.world.start();
    const held = { holder: 'pod/1', epoch: 3, durationMs: 30_000, acquiredAt: shell.world.clock.now(), renewedAt: shell.world.clock.now() };
    await hanging.drivers.lease.write(held, undefined);
    const before = shell.world.clock.now();
    const { exitCode } = await shell.type('lock release --force -f prod.yaml');
    expect([exitCode, shell.world.clock.now() - before >= 30_000]).toEqual([0, true]);
    expect(lease()?.['spec']).toMatchObject({ leaseTransitions: 4 });
    expect((await shell.type('rebuild -f prod.yaml')).stderr).not.toContain('seems to hold the lock');
  });
});

it('a forced release that is killed leaves a lock that the next run finds dead, and takes over', async () => {
  const now = shell.world.clock.now();
  await shell.world.start().drivers.lease.write({ holder: 'pod/1', epoch: 3, durationMs: 30_000, acquiredAt: now, renewedAt: now }, undefined);
  shell.world.faults = failing(/^cluster\.replace leases changeover\/changeover-prod/, 'killAfter');
  await Promise.race([shell.type('lock release --force -f prod.yaml'), shell.world.clock.sleep(120_000)]);
  const { exitCode, stderr } = await shell.type('rebuild -f prod.yaml');
  expect([exitCode, stderr.includes('host/1 seems to hold the lock; watching for 30 s')]).toEqual([0, true]);
});

it('acquire without a reason is wrong usage: whoever is refused wants to know it', async () => {
  const { exitCode, stderr } = await shell.type('lock acquire -f prod.yaml');
  expect([exitCode, stderr.includes('--reason')]).toEqual([2, true]);
  expect(lease()).toBeUndefined();
});

it('status and release of an environment that was never worked on write nothing', async () => {
  const { exitCode, stdout } = await shell.type('lock status -f prod.yaml');
  expect([exitCode, stdout]).toEqual([0, 'prod is not locked by hand\nnobody runs\n']);
  expect((await shell.type('lock release -f prod.yaml')).exitCode).toBe(0);
  expect(shell.world.requests.filter(({ writes }) => writes)).toEqual([]);
});

describe('an option of another action', () => {
  it.each([
    [['lock', '--reason', 'moving'], '--reason is for lock acquire, and this is lock status', 'changeover lock acquire --reason TEXT'],
    [['lock', 'release', '--reason', 'moving'], '--reason is for lock acquire, and this is lock release', 'changeover lock acquire --reason TEXT'],
    [['lock', '--force'], '--force is for lock release, and this is lock status', 'changeover lock release --force'],
    [['lock', 'acquire'], 'a lock needs a reason', 'changeover lock acquire --reason TEXT'],
    [['plan', '--to', 'prod-r0001'], '--to is for plan rollback, and this is plan rebuild', 'changeover plan rollback --to prod-r0001'],
  ])('is refused before anything is asked: %j', async (words, what, next) => {
    const { exitCode, stdout, stderr } = await shell.typeWords([...words, '-f', 'prod.yaml']);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(what);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(next);
    expect(shell.world.requests).toEqual([]);
  });
});
