// Giving rights in a release: in which order, how long the cluster is waited for, and what is told when it does not follow.

import { describe, expect, test } from 'vitest';
import type { Access, Cluster } from '../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { Failure } from '../../src/errors.ts';
import { namespaceOf } from '../../src/plan/ownership.ts';
import { installerName, runnerBindingName } from '../../src/plan/runner-names.ts';
import { ensureAccess } from '../../src/steps/access.ts';
import { simulate, type SimulatedWorld } from '../../sim/world.ts';
import { loadTestEnvironment } from '../../sim/environment.ts';

const environment = loadTestEnvironment();
const name = 'prod-2hpwr';

interface Tried {
  readonly world: SimulatedWorld;
  /** Runs `ensureAccess` in a process of the installed runner, or with what is given instead of its cluster. */
  ensure(more?: Partial<Cluster>): Promise<void>;
  readonly reminders: string[];
}

async function tried(): Promise<Tried> {
  const world = await simulate({ installed: 'pod', objects: [namespaceOf(name, { environment: 'prod', run: 'earlier' })] });
  const reminders: string[] = [];
  const namespaceUid = world.cluster.inside.store.get(kinds.namespace, undefined, name)?.metadata.uid ?? '';
  const ensure = async (more: Partial<Cluster> = {}): Promise<void> => {
    const { drivers, clock } = world.start();
    const context = { environment, drivers: { cluster: { ...drivers.cluster, ...more } }, clock, signal: new AbortController().signal, remind: (awaited: readonly string[]) => reminders.push(...awaited) };
    await ensureAccess({ name, namespaceUid }, context);
  };
  return { world, ensure, reminders };
}

const created = ({ requests }: SimulatedWorld): readonly string[] => requests.filter(({ method }) => method === 'create').map(({ text }) => text);

describe('rights in a release', () => {
  test('are made in an order in which the account of Helm stands for all of them', async () => {
    const { world, ensure } = await tried();
    await ensure();
    expect(created(world)).toEqual([
      `cluster.create rolebindings ${name}/${installerName}`,
      `cluster.create rolebindings ${name}/${runnerBindingName}`,
      `cluster.create serviceaccounts ${name}/${installerName}`,
    ]);
  });

  test('are looked for first: a second time nothing is made', async () => {
    const { world, ensure } = await tried();
    await ensure();
    const before = created(world).length;
    await ensure();
    expect(created(world)).toHaveLength(before);
  });

  test('that were begun by a process that died are completed', async () => {
    const { world, ensure } = await tried();
    world.faults = ({ text }) => (text.includes('serviceaccounts') && text.includes('create') ? new DriverError({ reason: 'invalid', attempted: text }) : undefined);
    await expect(ensure()).rejects.toBeInstanceOf(DriverError);
    world.faults = () => undefined;
    await ensure();
    expect(world.cluster.inside.store.get(kinds.serviceAccount, name, installerName)).toBeDefined();
  });

  test('are used only when the cluster knows of them, and whoever watches is told what is awaited', async () => {
    const { world, ensure, reminders } = await tried();
    const from = world.clock.now();
    await ensure();
    expect(world.clock.now() - from).toBeGreaterThan(300);
    expect(reminders).toContain(`the right to list services in namespace ${name}`);
    expect(reminders).toContain(`the right to create serviceaccounts/token ${installerName} in namespace ${name}`);
  });

  test('that the cluster never grants are given up after half a minute, by the name of the binding', async () => {
    const { world, ensure } = await tried();
    const from = world.clock.now();
    const never = ensure({ allowed: async (questions: readonly Access[]) => questions.map(() => false) });
    const failure: unknown = await never.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code: 'AccessDenied', facts: { object: `RoleBinding ${name}/${runnerBindingName}`, summary: expect.stringContaining('list services') } });
    expect(world.clock.now() - from).toBeLessThan(40_000);
    expect(created(world).join()).not.toContain('serviceaccounts');
  });

  test('that a runner in another namespace was given before are told with the command that removes them', async () => {
    const { ensure } = await tried();
    const create = () => Promise.reject(new DriverError({ reason: 'conflict', attempted: 'create RoleBinding' }));
    const failure: unknown = await ensure({ create, allowed: async (questions: readonly Access[]) => questions.map(() => false) }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'AccessDenied',
      facts: {
        summary: expect.stringContaining(`after RoleBinding ${name}/${runnerBindingName} was found the cluster still does not grant`),
        next: expect.stringContaining('kubectl delete rolebindings --all-namespaces -l changeover.dev/environment=prod --field-selector metadata.name=changeover-runner'),
      },
    });
  });

  test('that may not be made are an error at once', async () => {
    const { world, ensure } = await tried();
    const from = world.clock.now();
    const create = () => Promise.reject(new DriverError({ reason: 'forbidden', attempted: 'create', detail: 'ValidatingAdmissionPolicy' }));
    await expect(ensure({ create })).rejects.toMatchObject({ reason: 'forbidden' });
    expect(world.clock.now() - from).toBeLessThan(1_000);
  });

  test('survive a cluster that does not answer for a moment', async () => {
    const { world, ensure } = await tried();
    let left = 3;
    world.faults = () => ((left -= 1) >= 0 ? 'errorBefore' : undefined);
    await ensure();
    expect(created(world).filter((text) => text.includes('serviceaccounts'))).toHaveLength(1);
  });
});
