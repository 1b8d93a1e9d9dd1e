// Somebody claims a release while this run is about to delete it, between two tries of Helm: it is looked at again, and stays.

import { expect, test } from 'vitest';
import type { Faults } from '../../sim/requests.ts';
import { production, publicNames, type Production } from '../../sim/production.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { annotations, labels } from '../../src/plan/ownership.ts';

/** Helm does not get through the first time, and meanwhile somebody does this. */
function meanwhile(deed: () => void): Faults {
  let tries = 0;
  return ({ text }) => {
    if (!text.startsWith('helm.uninstall')) return undefined;
    tries += 1;
    if (tries > 1) return undefined;
    deed();
    return 'errorBefore';
  };
}

async function withTwoReleases(): Promise<Production> {
  const made = await production();
  await made.command();
  return made;
}

function uninstalls({ world }: Production): readonly string[] {
  return world.requests.filter(({ text }) => text.startsWith('helm.uninstall')).map(({ text }) => text);
}

/** Of the release that was to go. */
function stateOf({ world }: Production): string | undefined {
  return world.cluster.inside.store.get(kinds.namespace, undefined, 'prod-r0001')?.metadata.annotations?.[annotations.state];
}

test('while the servers are asked where the names lead: Helm is not asked at all', async () => {
  const made = await withTwoReleases();
  let isDone = false;
  made.world.onTraffic(({ request, moment }) => {
    const isLastLook = request.process === 2 && moment === 'sent' && request.driver === 'resolver' && made.events.some((event) => event.type === 'stepStarted' && event.step === 'retirePrevious');
    if (!isLastLook || isDone) return;
    isDone = true;
    void made.world.cluster.patch({ kind: kinds.namespace, name: 'prod-r0001' }, { metadata: { labels: { [labels.environment]: null } } });
  });
  expect(await made.command()).toMatchObject({ outcome: 'needsHuman', failure: { code: 'RetireFailed', facts: { summary: expect.stringContaining('it is not ours') as unknown } } });
  expect(uninstalls(made)).toEqual([]);
  expect(stateOf(made)).toBe('previous');
});

test('what others only note on it meanwhile keeps nobody from removing it', async () => {
  const made = await withTwoReleases();
  let isDone = false;
  made.world.onTraffic(({ request, moment }) => {
    if (isDone || moment !== 'sent' || !request.text.startsWith('cluster.patch Namespace prod-r0001') || !made.events.some((event) => event.type === 'stepStarted' && event.step === 'retirePrevious')) return;
    isDone = true;
    void made.world.cluster.patch({ kind: kinds.namespace, name: 'prod-r0001' }, { metadata: { annotations: { 'example.org/seen': 'yes' } } });
  });
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
  expect(isDone).toBe(true);
  expect(uninstalls(made)).toHaveLength(1);
  expect(made.releases()).toEqual(['prod-r0002']);
});

test('without our label it is not ours any more: Helm is not asked again', async () => {
  const made = await withTwoReleases();
  made.world.faults = meanwhile(() => void made.world.cluster.patch({ kind: kinds.namespace, name: 'prod-r0001' }, { metadata: { labels: { [labels.environment]: null } } }));
  expect(await made.command()).toMatchObject({ outcome: 'needsHuman', exitCode: 4, failure: { code: 'RetireFailed', facts: { summary: expect.stringContaining('it is not ours') as unknown } } });
  expect(uninstalls(made)).toEqual(['helm.uninstall prod-r0001 prod-r0001']);
  expect(stateOf(made)).toBe('previous');
});

test('with a public name on it, it is live: Helm is not asked again', async () => {
  const made = await withTwoReleases();
  const [name = ''] = publicNames;
  const [before] = made.world.dns.served(name);
  made.world.faults = meanwhile(() => made.world.dns.edit('example-org', name, before?.records ?? []));
  expect(await made.command()).toMatchObject({ outcome: 'needsHuman', failure: { code: 'RetireFailed', facts: { summary: `${name} still points to prod-r0001: it is not deleted` } } });
  expect(uninstalls(made)).toHaveLength(1);
  expect(stateOf(made)).toBe('previous');
  expect(made.observer.violations.filter(({ problem }) => problem.includes('does not answer'))).toEqual([]);
});
