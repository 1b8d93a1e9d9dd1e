// Runs in a cluster where the runner's chart is installed: with its narrow rights, and Helm as each release's own account.

import { describe, expect, test } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { namespaceOf } from '../../src/plan/ownership.ts';
import { installerName, runnerBindingName } from '../../src/plan/runner-names.ts';
import { plan } from '../../src/plan/plan.ts';
import { environmentWith, production, type Production } from '../../sim/production.ts';

function accessIn({ world }: Production, namespace: string) {
  const { store } = world.cluster.inside;
  return {
    bindings: store.all(kinds.roleBinding, namespace).map(({ metadata }) => metadata.name),
    account: store.get(kinds.serviceAccount, namespace, installerName)?.metadata.name,
  };
}

const complete = { bindings: [installerName, runnerBindingName], account: installerName };
const keeping = environmentWith({ deleteExisting: false });

async function plans(made: Production) {
  return (await made.records()).map((record) => plan.parse(record.plan));
}

/** What was requested by any process, as one text. */
const requested = ({ world }: Production): string => world.requests.map(({ text }) => text).join('\n');

describe('in the pod of an installed runner', () => {
  test('a rebuild needs no right but those that it gives itself in its own release', async () => {
    const made = await production({ installed: 'pod' });
    expect(await made.command()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(accessIn(made, 'prod-r0001')).toEqual(complete);
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  });

  test('the account of Helm is made only when its binding is stored, and Helm begins only when the cluster knows of it', async () => {
    const made = await production({ installed: 'pod' });
    await made.command();
    const writes = made.world.requests.filter(({ writes: isWrite, text }) => isWrite && !text.includes('changeover/')).map(({ text }) => text);
    expect(writes.slice(0, 5)).toEqual([
      'notify.send',
      'cluster.create namespaces prod-r0001',
      `cluster.create rolebindings prod-r0001/${installerName}`,
      `cluster.create rolebindings prod-r0001/${runnerBindingName}`,
      `cluster.create serviceaccounts prod-r0001/${installerName}`,
    ]);
    expect(writes[5]).toMatch(/^helm\.install/);
  });

  test('the second rebuild removes the first release with the account that installed it', async () => {
    const made = await production({ installed: 'pod' });
    await made.command();
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
    expect(made.releases()).toEqual(['prod-r0002']);
    expect(requested(made)).toContain('helm.uninstall prod-r0001');
    expect(made.observer.violations).toEqual([]);
  });

  test('rehearsal and rollback need no more', async () => {
    const made = await production({ installed: 'pod' });
    await made.command({ operation: 'rebuild' }, { environment: keeping });
    await made.command({ operation: 'rebuild' }, { environment: keeping });
    expect(await made.command({ operation: 'rehearse' }, { environment: keeping })).toMatchObject({ outcome: 'succeeded' });
    expect(await made.command({ operation: 'rollback' }, { environment: keeping })).toMatchObject({ outcome: 'succeeded' });
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  });

  test('a load that fails: the candidate is removed, with the same account', async () => {
    const made = await production({ installed: 'pod' });
    await made.command();
    const performed = await made.command({ operation: 'rebuild' }, { environment: environmentWith({ load: [{ name: 'base', job: { fromJob: 'missing' }, timeout: '1m' }] }) });
    expect(performed).toMatchObject({ outcome: 'failed', exitCode: 1 });
    expect(made.releases()).toEqual(['prod-r0001']);
  });

  test('a release that was made from a laptop before is bound first, and read then', async () => {
    const made = await production();
    await made.command({ operation: 'rebuild' }, { environment: keeping });
    const after = await production({ installed: 'pod', objects: [namespaceOf('prod-old00', { environment: 'prod', run: 'earlier' })] });
    expect(await after.command({ operation: 'rebuild' }, { environment: keeping })).toMatchObject({ outcome: 'succeeded' });
    const texts = after.world.requests.map(({ text }) => text);
    const bound = texts.indexOf(`cluster.create rolebindings prod-old00/${runnerBindingName}`);
    const read = texts.findIndex((text) => text === 'cluster.list services prod-old00');
    expect(bound).toBeGreaterThan(0);
    expect(read).toBeGreaterThan(bound);
  });

  test('a namespace of another environment gets no binding, and is not read', async () => {
    const made = await production({ installed: 'pod', objects: [namespaceOf('test-old00', { environment: 'test', run: 'theirs' })] });
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
    expect(requested(made)).not.toContain('test-old00');
  });

  test('a namespace that is going and has lost the binding does not stop the next run', async () => {
    const made = await production({ installed: 'pod', cluster: { behaviours: { 'prod-r0001': { outcome: 'never' } } } });
    await made.command({ operation: 'rebuild' }, { environment: keeping });
    await made.command({ operation: 'rebuild' }, { environment: keeping });
    const { inside } = made.world.cluster;
    const [namespace] = inside.store.all(kinds.namespace).filter(({ metadata }) => metadata.name === 'prod-r0001');
    for (const binding of inside.store.all(kinds.roleBinding, 'prod-r0001')) inside.store.remove(kinds.roleBinding, binding);
    await made.world.cluster.delete({ kind: kinds.namespace, name: 'prod-r0001' }, namespace?.metadata.uid ?? '');
    const performed = await made.command({ operation: 'rollback', to: 'prod-r0002' }, { environment: keeping }).catch((error: unknown) => error);
    expect(String(performed)).toContain('there is nothing to go back to');
  });
});

describe('from a laptop', () => {
  test('where nothing is installed Helm has the caller’s rights, and no account and no binding is made', async () => {
    const made = await production();
    await made.command();
    expect(accessIn(made, 'prod-r0001')).toEqual({ bindings: [], account: undefined });
    expect((await plans(made))[0]).not.toHaveProperty('installer');
    expect(requested(made)).not.toContain('rolebindings');
  });

  test('where a runner is installed its bindings are made too, so that it can go on with the release', async () => {
    const made = await production({ installed: 'laptop' });
    await made.command();
    expect(accessIn(made, 'prod-r0001')).toEqual(complete);
    expect((await plans(made))[0]).toMatchObject({ installer: true });
  });

  test('with another namespace of records than the installed runner’s it is refused: two locks are none', async () => {
    const made = await production({ installed: 'laptop', runnerNamespace: 'builder' });
    await expect(made.command()).rejects.toThrow(/installed in namespace builder, but runner.namespace is changeover/);
    expect(made.releases()).toEqual([]);
  });
});
