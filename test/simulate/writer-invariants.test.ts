// What no process may do (I2, I3, I6, I8, I9, L1): each checker finds it when it is done by hand, and is silent otherwise.

import { describe, expect, test } from 'vitest';
import { environmentWith } from '../../sim/production.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { namespaceOf } from '../../src/plan/ownership.ts';
import { lockByHand } from '../../src/session/lock.ts';
import { addressOf, answer, changeTo, deleteNamespace, installed, live, lockedProcess, watchedProduction, writeRecord, www } from './watched.ts';

describe('I2', () => {
  test('a write without the lease is found', async () => {
    const made = await watchedProduction();
    const { drivers } = made.world.start();
    await drivers.cluster.create(kinds.namespace, namespaceOf('prod-other', { environment: 'prod', run: 'rogue' }));
    expect(made.found('I2')).toEqual(['process 2 changed something without holding the lease (nobody does): cluster.create namespaces prod-other']);
  });

  test('a write of whoever held it before is found, and one that is refused is harmless', async () => {
    const made = await watchedProduction();
    const stale = await lockedProcess(made);
    await made.world.clock.sleep(60_000);
    await lockedProcess(made);
    await expect(stale.drivers.cluster.create(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: live, labels: { 'changeover.dev/environment': 'prod' } } })).rejects.toMatchObject({ reason: 'conflict' });
    expect(made.found('I2')).toEqual([]);
    await changeTo(stale, [{ ...answer(await addressOf(made, live)), ttl: 61 }]);
    expect(made.found('I2').join()).toContain('rogue (epoch 3) does');
  });

  test('the record of a run is found when it was begun without the lease, and is harmless when it was only late and nothing of it has begun', async () => {
    const made = await watchedProduction({ empty: true });
    const late = await lockedProcess(made);
    await made.world.clock.sleep(60_000);
    made.world.faults = ({ text }) => (text.startsWith('cluster.create configmaps') ? { fault: 'stopBefore', ms: 60_000 } : undefined);
    const coming = Promise.all([writeRecord(late, {}, { steps: [{ name: 'checkPreconditions', state: 'pending' }] }), writeRecord(late, {}, { id: 'begun', steps: [{ name: 'checkPreconditions', state: 'running' }] })]);
    await made.world.clock.sleep(30_000);
    made.world.faults = () => undefined;
    await lockedProcess(made);
    await coming;
    expect(made.found('I2')).toEqual([expect.stringContaining('changeover-prod-begun')]);
    await writeRecord(late, {}, { id: 'after', steps: [{ name: 'checkPreconditions', state: 'pending' }] });
    expect(made.found('I2')[1]).toContain('changeover-prod-after');
  });

  test('a candidate that is only late is harmless when it says whose it is; one that was begun without the lease, or says nothing, is found', async () => {
    const made = await watchedProduction({ empty: true });
    const late = await lockedProcess(made);
    const create = (name: string, more: { readonly epoch?: number }): Promise<unknown> => late.drivers.cluster.create(kinds.namespace, namespaceOf(name, { environment: 'prod', run: 'rogue', ...more }));
    await made.world.clock.sleep(60_000);
    made.world.faults = ({ text }) => (text.startsWith('cluster.create namespaces') ? { fault: 'stopBefore', ms: 60_000 } : undefined);
    const coming = Promise.all([create('prod-late0', { epoch: 1 }), create('prod-mute0', {}), create('prod-alien', { epoch: 2 })]);
    await made.world.clock.sleep(30_000);
    made.world.faults = () => undefined;
    await lockedProcess(made);
    await coming;
    expect(made.found('I2')).toEqual([expect.stringMatching(/prod-mute0$/), expect.stringMatching(/prod-alien$/)]);
    await create('prod-after', { epoch: 1 });
    expect(made.found('I2').slice(2)).toEqual([expect.stringMatching(/prod-after$/)]);
    await made.command({ operation: 'rebuild' }, { calm: true });
    expect(made.releases()).toEqual(['prod-r0001']);
  });

  test('to begin a run when somebody has locked the environment by hand is found', async () => {
    const made = await watchedProduction();
    await made.session({ operation: 'lock', act: (session) => lockByHand(session, 'the network is rebuilt') });
    expect(made.found('I2')).toEqual([]);
    await made.world.clock.sleep(1_000);
    await writeRecord(await lockedProcess(made), {});
    expect(made.found('I2')).toEqual([expect.stringMatching(/has begun a run although somebody had locked the environment by hand/)]);
  });

  test('to take the lease from a holder that lives is found, and without a higher epoch, too', async () => {
    const made = await watchedProduction();
    await lockedProcess(made);
    const { drivers } = made.world.start();
    const present = await drivers.lease.read();
    const now = made.world.clock.now();
    await drivers.lease.write({ holder: 'thief', epoch: present?.lease.epoch ?? 0, durationMs: 30_000, acquiredAt: now, renewedAt: now }, present?.version);
    expect(made.found('I2')).toEqual([
      'thief (epoch 2) took the lease of rogue (epoch 2) without a higher epoch',
      expect.stringContaining('thief (epoch 2) took the lease of rogue (epoch 2), which had renewed it'),
    ]);
  });
});

describe('I3', () => {
  test('to delete the release that a name leads to is found', async () => {
    const made = await watchedProduction();
    await deleteNamespace(await lockedProcess(made), live);
    expect(made.found('I3')).toEqual([
      expect.stringMatching(/^prod-r0001 was to be deleted \(cluster.delete Namespace prod-r0001.*\), and a public name leads there$/),
      expect.stringMatching(/^prod-r0001 was to be deleted .*, and no plan says so$/),
    ]);
  });

  test('so is to delete one whose answers may still be held', async () => {
    const made = await watchedProduction({ environment: environmentWith({ deleteExisting: false }) });
    await made.command();
    made.others.noteEdit(www, [answer(await addressOf(made, live))]);
    made.world.dns.edit('example-org', www, [answer(await addressOf(made, live))]);
    made.world.dns.edit('example-org', www, [answer(await addressOf(made, 'prod-r0002'))]);
    await made.world.clock.sleep(5_000);
    const rogue = await lockedProcess(made);
    await writeRecord(rogue, { previous: { name: live }, deletePrevious: true });
    await deleteNamespace(rogue, live);
    expect(made.found('I3')).toEqual([expect.stringContaining('answers that lead there may be held for another 5')]);
  });

  test('and one that a rollback would need, or that was never ours', async () => {
    const made = await watchedProduction({ environment: environmentWith({ deleteExisting: false }) });
    await made.command();
    await made.world.clock.sleep(100_000);
    const rogue = await lockedProcess(made);
    await deleteNamespace(rogue, live);
    await deleteNamespace(rogue, 'default');
    expect(made.found('I3').join()).toMatch(/prod-r0001 .* no plan says so.*default .* it bears no label of ours/);
  });
});

test('I3: Helm that was to end as soon as it began removes nothing; one that nobody ends, and no plan wants, is found', async () => {
  const made = await watchedProduction({ environment: environmentWith({ deleteExisting: false }) });
  await made.command();
  await made.world.clock.sleep(100_000);
  const { drivers } = await lockedProcess(made);
  await expect(drivers.helm.uninstall(live, live, { signal: AbortSignal.abort(new Error('lost')) })).rejects.toThrow('lost');
  expect(made.found('I3')).toEqual([]);
  await drivers.helm.uninstall(live, live, { signal: new AbortController().signal });
  expect(made.found('I3').join()).toContain('no plan says so');
});

describe('I3, of a release that somebody takes our label off', () => {
  const unlabel = { metadata: { labels: { 'changeover.dev/environment': null } } } as const;
  const labelTaken = 'it bears no label of ours';

  test('after the look, and nobody claims it first: to have Helm remove it is found', async () => {
    const made = await watchedProduction({ empty: true });
    const rogue = await lockedProcess(made);
    await rogue.drivers.cluster.create(kinds.namespace, namespaceOf('prod-other', { environment: 'prod', run: 'rogue' }));
    await made.world.cluster.patch({ kind: kinds.namespace, name: 'prod-other' }, unlabel);
    await rogue.drivers.helm.uninstall('prod-other', 'prod-other', { signal: new AbortController().signal });
    expect(made.found('I3').join()).toContain(labelTaken);
  });

  test('after the claim: nobody could see that any more, but each attempt needs its own', async () => {
    const made = await watchedProduction({ empty: true });
    const rogue = await lockedProcess(made);
    const { metadata } = await rogue.drivers.cluster.create(kinds.namespace, namespaceOf('prod-other', { environment: 'prod', run: 'rogue' }));
    await rogue.drivers.cluster.patch({ kind: kinds.namespace, name: 'prod-other' }, { metadata: { resourceVersion: metadata.resourceVersion, annotations: { 'changeover.dev/epoch': '1' } } });
    await made.world.cluster.patch({ kind: kinds.namespace, name: 'prod-other' }, unlabel);
    await rogue.drivers.helm.uninstall('prod-other', 'prod-other', { signal: new AbortController().signal });
    expect(made.found('I3').join()).not.toContain(labelTaken);
    await rogue.drivers.helm.uninstall('prod-other', 'prod-other', { signal: new AbortController().signal });
    expect(made.found('I3').join()).toContain(labelTaken);
  });
});

describe('I6', () => {
  const settledAfter = async (leave: (made: Awaited<ReturnType<typeof watchedProduction>>) => Promise<unknown>): Promise<readonly string[]> => {
    const made = await watchedProduction();
    await leave(made);
    return made.settled('I6');
  };

  test('a release that never served is found', async () => {
    const left = await settledAfter(async (made) => installed(await lockedProcess(made), made, 'prod-other'));
    expect(left).toContain('after the last run there is still namespace prod-other, which never served');
    expect(left).toContain('after the last run there is still the lease in the hands of rogue');
  });

  test('a lock that Helm left is found', async () => {
    const left = await settledAfter(async ({ world }) => {
      const secret = world.cluster.inside.store.all(kinds.secret, live).find(({ metadata }) => metadata.labels?.['owner'] === 'helm');
      await world.cluster.patch({ kind: kinds.secret, namespace: live, name: secret?.metadata.name ?? '' }, { metadata: { labels: { status: 'pending-upgrade' } } });
    });
    expect(left).toEqual([`after the last run there is still Helm's release ${live} in state pending-upgrade`]);
  });

  test('one in a release that an operator has taken from us is his', async () => {
    const left = await settledAfter(async ({ world, others }) => {
      others.noteDisturbance(live);
      const secret = world.cluster.inside.store.all(kinds.secret, live).find(({ metadata }) => metadata.labels?.['owner'] === 'helm');
      await world.cluster.patch({ kind: kinds.secret, namespace: live, name: secret?.metadata.name ?? '' }, { metadata: { labels: { status: 'pending-upgrade' } } });
    });
    expect(left).toEqual([]);
  });

  test('a run that is not finished is found', async () => {
    const left = await settledAfter(async (made) => writeRecord(await lockedProcess(made), {}));
    expect(left.join()).toContain('run rogue-2, which is not finished');
  });

  test('a deployment without replicas, a suspended CronJob and an object outside of namespaces are found', async () => {
    const left = await settledAfter(async ({ world }) => {
      await world.cluster.patch({ kind: kinds.deployment, namespace: live, name: 'web' }, { spec: { replicas: 0 } });
      await world.cluster.create(kinds.cronJob, { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'nightly', namespace: live }, spec: { suspend: true, schedule: '@daily', jobTemplate: {} } });
      await world.cluster.create(kinds.clusterRole, { apiVersion: kinds.clusterRole.apiVersion, kind: 'ClusterRole', metadata: { name: 'reader', annotations: { 'meta.helm.sh/release-namespace': 'prod-gone' } } });
    });
    expect(left).toEqual([expect.stringContaining('ClusterRole reader of prod-gone'), expect.stringContaining('nightly, suspended'), expect.stringContaining('web at no replicas')]);
  });
});

describe('I8', () => {
  test('to reach into a namespace without our label is found, whatever it is called', async () => {
    const made = await watchedProduction({ scenario: { objects: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod-foreign' } }] } });
    const { drivers } = await lockedProcess(made);
    await drivers.cluster.create(kinds.configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'here', namespace: 'prod-foreign' } });
    expect(made.found('I8')).toEqual(['cluster.create configmaps prod-foreign/here: prod-foreign does not bear the label of this environment']);
  });

  test('to change another name of the zone is found', async () => {
    const made = await watchedProduction();
    const { drivers } = await lockedProcess(made);
    const zone = await drivers.dns.zone('example-org');
    await drivers.dns.change(zone, { expected: [], desired: [{ ...answer('203.0.113.1'), name: 'mail.example.org.' }] });
    expect(made.found('I8').join()).toContain('changes mail.example.org., which is none of ours');
  });

  test('to overwrite what somebody else wrote is found', async () => {
    const made = await watchedProduction();
    made.others.noteEdit(www, [answer('203.0.113.9')]);
    made.world.dns.edit('example-org', www, [answer('203.0.113.9')]);
    await changeTo(await lockedProcess(made), [answer(await addressOf(made, live))]);
    expect(made.found('I8').join()).toContain(`has overwritten what somebody else gave ${www}`);
  });
});

test.each(['planted-word', Buffer.from('planted-word').toString('base64'), 'planted%2Dword'])('I9: a secret that leaves a process is found, also as %s', async (form) => {
  const made = await watchedProduction({ secrets: ['planted-word', 'planted-word'.replace('-', '%2D')] });
  expect(made.settled('I9')).toEqual([]);
  const { drivers } = await lockedProcess(made);
  await drivers.cluster.create(kinds.configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'leak', namespace: 'changeover' }, data: { text: `it is ${form}` } });
  expect(made.found('I9')).toEqual(['a planted secret shows in what cluster.create configmaps changeover/leak sends']);
});

test('I9: in a Secret, a secret is where it belongs', async () => {
  const made = await watchedProduction({ secrets: ['planted-word'] });
  const { drivers } = await lockedProcess(made);
  await drivers.cluster.create(kinds.secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'kept', namespace: live }, stringData: { word: 'planted-word' } });
  expect(made.settled('I9')).toEqual([]);
});

test('L1: a calm command that needs more requests than it may, or that never ends, is found', async () => {
  const made = await watchedProduction({ mostRequests: () => 50 });
  await made.command({ operation: 'rebuild' }, { calm: true });
  expect(made.settled('L1')).toEqual([expect.stringMatching(/^process 2 \(rebuild\) made \d+ requests without a fault, and 50 are enough$/)]);
  void made.command();
  expect(made.settled('L1')).toContain('process 3 (rebuild) has not ended');
});
