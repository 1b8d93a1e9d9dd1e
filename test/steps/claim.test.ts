// Epochs on namespaces: what a runner writes on a release, what it finds there of a later one, and what the cluster itself then refuses.

import { describe, expect, test } from 'vitest';
import { environmentWith, production, type Production } from '../../sim/production.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { Drivers } from '../../src/drivers/drivers.ts';
import type { RunEvent } from '../../src/run/events.ts';

const epoch = 'changeover.dev/epoch';
const keeping = environmentWith({ deleteExisting: false });
const rebuild = { operation: 'rebuild' } as const;

function notesOf({ world }: Production, name: string): Readonly<Record<string, string>> {
  return world.cluster.inside.store.get(kinds.namespace, undefined, name)?.metadata.annotations ?? {};
}

/** Somebody writes on the namespace; a later runner its epoch. */
function note({ world }: Production, name: string, annotations: Readonly<Record<string, string>>): Promise<unknown> {
  return world.cluster.patch({ kind: kinds.namespace, name }, { metadata: { annotations } });
}

async function twoReleases(): Promise<Production> {
  const made = await production();
  await made.command(rebuild, { environment: keeping });
  await made.command(rebuild, { environment: keeping });
  return made;
}

/** Between the look at the namespace and its deletion. */
function beforeDeletion(act: () => Promise<unknown>): (drivers: Drivers) => Drivers {
  let isDone = false;
  return (drivers) => {
    const cluster = new Proxy(drivers.cluster, {
      get(target, property) {
        if (property !== 'delete') return Reflect.get(target, property, target) as unknown;
        return async (...input: Parameters<typeof target.delete>) => {
          if (!isDone && input[0].kind === kinds.namespace) await act();
          isDone = true;
          return target.delete(...input);
        };
      },
    });
    return { ...drivers, cluster };
  };
}

describe('a namespace carries the epoch', () => {
  test('of the run that made it, and then of each one that marked it', async () => {
    const made = await production();
    await made.command(rebuild, { environment: keeping });
    expect(notesOf(made, 'prod-r0001')).toMatchObject({ [epoch]: '1', 'changeover.dev/state': 'live' });
    await made.command(rebuild, { environment: keeping });
    expect(notesOf(made, 'prod-r0001')).toMatchObject({ [epoch]: '2', 'changeover.dev/state': 'previous' });
    expect(notesOf(made, 'prod-r0002')).toMatchObject({ [epoch]: '2', 'changeover.dev/state': 'live' });
  });

  test('of a rollback to it before the names move: a deletion that was decided earlier then meets another version', async () => {
    const made = await twoReleases();
    await made.command({ operation: 'rollback' }, { environment: keeping });
    const writes = made.world.requests.filter(({ process, text }) => process === 3 && /dns\.change|Namespace prod-r0001/.test(text) && !text.includes('.get ')).map(({ text }) => text.trim());
    expect(writes[0]).toBe('cluster.patch Namespace prod-r0001');
    expect(writes[1]).toContain('dns.change');
    expect(notesOf(made, 'prod-r0001')).toMatchObject({ [epoch]: '3' });
  });
});

describe('a runner that finds a later epoch on a namespace has been overtaken:', () => {
  test('it marks nothing', async () => {
    const made = await production();
    await made.command(rebuild, { environment: keeping });
    const onEvent = (event: RunEvent): void => void (event.type === 'stepStarted' && event.step === 'swapNames' && note(made, 'prod-r0001', { [epoch]: '99' }));
    expect(await made.command(rebuild, { environment: keeping, onEvent })).toMatchObject({ exitCode: 75, failure: { code: 'LockLost', facts: { summary: expect.stringContaining('prod-r0001 was written on under epoch 99') } } });
    expect(notesOf(made, 'prod-r0001')).toMatchObject({ [epoch]: '99', 'changeover.dev/state': 'live' });
    expect(notesOf(made, 'prod-r0002')).toMatchObject({ 'changeover.dev/state': 'candidate' });
    expect(await made.command(rebuild, { environment: keeping })).toMatchObject({ outcome: 'succeeded' });
    expect((await made.records()).at(-1)?.epoch).toBe(100);
  });

  test('it deletes nothing', async () => {
    const made = await production();
    await made.command();
    const onEvent = (event: RunEvent): void => void (event.type === 'stepStarted' && event.step === 'retirePrevious' && note(made, 'prod-r0001', { [epoch]: '99' }));
    expect(await made.command(rebuild, { onEvent })).toMatchObject({ exitCode: 75, failure: { code: 'LockLost' } });
    expect(made.releases()).toEqual(['prod-r0001', 'prod-r0002']);
    expect(made.world.requests.some(({ text }) => text.startsWith('helm.uninstall'))).toBe(false);
  });

  test('a deletion that is on its way already is refused by the cluster', async () => {
    const made = await production();
    await made.command();
    const connect = beforeDeletion(() => note(made, 'prod-r0001', { [epoch]: '99' }));
    expect(await made.command(rebuild, { connect })).toMatchObject({ exitCode: 75, failure: { code: 'LockLost' } });
    expect(made.releases()).toEqual(['prod-r0001', 'prod-r0002']);
  });
});

test('what others note on a namespace keeps nobody from deleting it', async () => {
  const made = await production();
  await made.command();
  const connect = beforeDeletion(() => note(made, 'prod-r0001', { 'example.org/seen': 'yes' }));
  expect(await made.command(rebuild, { connect })).toMatchObject({ outcome: 'succeeded' });
  expect(made.releases()).toEqual(['prod-r0002']);
});

test('an epoch that nobody can read is of no later runner', async () => {
  const made = await twoReleases();
  await note(made, 'prod-r0001', { [epoch]: 'soon' });
  expect(await made.command({ operation: 'rollback' }, { environment: keeping })).toMatchObject({ outcome: 'succeeded' });
  expect(notesOf(made, 'prod-r0001')).toMatchObject({ [epoch]: '3' });
});
