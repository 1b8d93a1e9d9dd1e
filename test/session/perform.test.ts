// Whole operations on the simulated world, as an operator would tell them.

import { describe, expect, test } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { failing } from '../../sim/faults.ts';
import { environmentWith, production } from '../../sim/production.ts';

describe('rebuilding', () => {
  test('from nothing: the names come into being and lead to the new release', async () => {
    const { command, releases, publicReleases, observer } = await production();
    expect(await command()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(releases()).toEqual(['prod-r0001']);
    expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    expect(observer.violations).toEqual([]);
  });

  test('again: the public moves without a gap, and the first release goes', async () => {
    const { command, releases, publicReleases, observer } = await production();
    await command();
    expect(await command()).toMatchObject({ exitCode: 0 });
    expect(releases()).toEqual(['prod-r0002']);
    expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
    expect(observer.violations).toEqual([]);
  });

  test('the previous release serves until the last old answer has expired, and the soak is over', async () => {
    const { command, world } = await production();
    await command();
    await command();
    const swapped = world.requests.findLast(({ text }) => text.startsWith('dns.change'));
    const uninstalled = world.requests.findLast(({ text }) => text.startsWith('helm.uninstall'));
    const ttlMs = 60_000;
    expect((uninstalled?.at ?? 0) - (swapped?.at ?? 0)).toBeGreaterThanOrEqual(ttlMs + 10_000);
  });

  test('both names move within one second of each other', async () => {
    const { command, world } = await production();
    await command();
    await command();
    const changes = world.requests.filter(({ text, process }) => text.startsWith('dns.change') && process === 2);
    expect(changes).toHaveLength(2);
    expect(Math.abs((changes[1]?.at ?? 0) - (changes[0]?.at ?? 0))).toBeLessThan(1_000);
  });

  test('with deleteExisting: false the previous release stays, and older ones too', async () => {
    const { command, releases } = await production();
    const environment = environmentWith({ deleteExisting: false });
    for (let run = 0; run < 3; run += 1) await command({ operation: 'rebuild' }, { environment });
    expect(releases()).toEqual(['prod-r0001', 'prod-r0002', 'prod-r0003']);
  });

  test('tells the beginning and the end to whoever is configured', async () => {
    const { command, world } = await production();
    await command();
    expect(world.notifications.map(({ event }) => event)).toEqual(['started', 'succeeded']);
  });

  test('tells them as Events on its record, too, each once, also when it dies before it hears that the first was taken', async () => {
    const { command, world, records } = await production({ faults: failing(/^cluster.create events/, 'killAfter') });
    expect(await command()).toBeUndefined();
    world.faults = () => undefined;
    expect(await command()).toMatchObject({ exitCode: 0 });
    const events = world.cluster.inside.store.all(kinds.event, 'changeover');
    const told = events.map(({ reason, involvedObject }) => [reason, (involvedObject as { readonly name: string }).name]);
    const [first, second] = (await records()).map(({ id }) => `changeover-prod-${id}`);
    expect(told).toEqual(expect.arrayContaining([['Started', first]]));
    expect(told).toEqual([...new Map(told.map((one) => [one.join(), one])).values()]);
    expect(told).toContainEqual(['Succeeded', second ?? first]);
  });

  test('keeps no more records than configured', async () => {
    const { command, records } = await production();
    const environment = environmentWith({ runner: { keepRecords: 2 } });
    for (let run = 0; run < 4; run += 1) await command({ operation: 'rebuild' }, { environment });
    expect((await records()).map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
  });

  test('takes fewer than 150 requests to the API server', async () => {
    const { command, world } = await production();
    await command();
    await command();
    const own = world.requests.filter(({ process, driver }) => process === 2 && driver === 'cluster');
    expect(own.length).toBeLessThanOrEqual(150);
  });
});

describe('a candidate that fails', () => {
  test.each([
    { what: 'never becomes ready', behaviours: { 'Deployment/web': { outcome: 'crashLoop' } }, code: 'NotReady' },
    { what: 'cannot be loaded', behaviours: { 'Job/loader': { outcome: 'fails', log: 'row 17: bad value' } }, code: 'LoadFailed' },
  ] as const)('because it $what: nothing has changed, the candidate is gone, exit 1', async ({ behaviours, code }) => {
    const { command, world, releases, publicReleases, observer } = await production();
    await command();
    for (const [key, behaviour] of Object.entries(behaviours)) world.cluster.behaviours.set(key, behaviour);
    const ended = await command();
    expect(ended).toMatchObject({ outcome: 'failed', exitCode: 1, failure: { code } });
    expect(releases()).toEqual(['prod-r0001']);
    expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    expect(observer.violations).toEqual([]);
    expect(world.requests.filter(({ text, process }) => text.startsWith('dns.change') && process === 2)).toEqual([]);
  });

  test('is kept for a look when so configured, and removed by the next run', async () => {
    const { command, world, releases } = await production();
    await command();
    world.sites.set('ingress', { status: 500 });
    const keeping = environmentWith({ release: { chart: { path: '/chart' }, onFailure: 'keep' } });
    expect(await command({ operation: 'rebuild' }, { environment: keeping })).toMatchObject({ exitCode: 1, failure: { code: 'VerificationFailed' } });
    expect(releases()).toEqual(['prod-r0001', 'prod-r0002']);
    world.sites.clear();
    expect(await command()).toMatchObject({ exitCode: 0 });
    expect(releases()).toEqual(['prod-r0003']);
  });

  test('not strict: a failed load is counted as a warning, and the public moves', async () => {
    const { command, world, publicReleases } = await production();
    world.cluster.behaviours.set('Job/loader', { outcome: 'fails' });
    const ended = await command({ operation: 'rebuild' }, { environment: environmentWith({ strictErrorChecking: false }) });
    expect(ended).toMatchObject({ outcome: 'succeeded' });
    expect(ended?.record.warnings.join()).toContain('base');
    expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  });

  test('while the public is moving over: the names go back, and it serves until the new answers have expired; exit 3', async () => {
    const { command, world, releases, publicReleases, observer } = await production();
    await command();
    const breakLater = (event: { readonly type: string; readonly step?: string | undefined }): void => {
      if (event.type === 'stepStarted' && event.step === 'drainPrevious') world.sites.set('prod-r0002/ingress', { status: 503 });
    };
    const ended = await command({ operation: 'rebuild' }, { onEvent: breakLater });
    expect(ended).toMatchObject({ outcome: 'restored', exitCode: 3, failure: { code: 'DrainFailed' } });
    expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    expect(releases()).toEqual(['prod-r0001']);
    expect(observer.violations).toEqual([]);
    const back = world.requests.findLast(({ text }) => text.startsWith('dns.change'));
    const removed = world.requests.findLast(({ text }) => text.startsWith('helm.uninstall'));
    expect((removed?.at ?? 0) - (back?.at ?? 0)).toBeGreaterThanOrEqual(60_000);
  });
});

describe('a previous release that will not go', () => {
  test('leaves the public on the new one, needs a human (exit 4), and is cleared by a later run', async () => {
    const { command, world, releases, publicReleases, observer } = await production();
    await command();
    const stuck = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'stuck', namespace: 'prod-r0001', finalizers: ['example.org/stuck'] } };
    await world.cluster.create(kinds.configMap, stuck);
    const ended = await command();
    expect(ended).toMatchObject({ outcome: 'needsHuman', exitCode: 4, failure: { code: 'RetireFailed' } });
    expect(ended?.failure?.facts.summary).toContain('namespace prod-r0001');
    expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
    await world.cluster.patch({ kind: kinds.configMap, name: 'stuck', namespace: 'prod-r0001' }, { metadata: { finalizers: null } });
    expect(await command()).toMatchObject({ outcome: 'succeeded' });
    expect(releases()).toEqual(['prod-r0003']);
    expect(observer.violations).toEqual([]);
  });

  test('is completed by a later run when Helm could not uninstall it, and no rollback returns to what is half removed', async () => {
    const { command, world, releases } = await production();
    await command();
    world.faults = ({ text }) => (text.startsWith('helm.uninstall') ? new DriverError({ reason: 'invalid', attempted: text, detail: 'failed to delete release' }) : undefined);
    expect(await command()).toMatchObject({ outcome: 'needsHuman', failure: { code: 'RetireFailed' } });
    world.faults = () => undefined;
    await expect(command({ operation: 'rollback' })).rejects.toMatchObject({ code: 'GuardFailed' });
    expect(await command()).toMatchObject({ outcome: 'succeeded' });
    expect(releases()).toHaveLength(1);
  });

  test.each([
    ['no name server answers any more', /^(dns\.(zone|read)|resolver)/],
    ['the cluster does not take the claim on it', /^cluster\.(get|patch) (namespaces|Namespace) prod-r0001/],
  ])('before which %s: the public is on the new one (exit 4), and the next run removes it', async (_title, silent) => {
    const { command, world, releases, publicReleases, observer } = await production();
    await command();
    const fallSilent = (event: { readonly type: string; readonly step?: string | undefined }): void => {
      if (event.type === 'stepStarted' && event.step === 'retirePrevious') world.faults = ({ text }) => (silent.test(text) ? 'errorBefore' : undefined);
    };
    const ended = await command({ operation: 'rebuild' }, { onEvent: fallSilent });
    expect(ended).toMatchObject({ outcome: 'needsHuman', exitCode: 4, failure: { code: 'RetireFailed', facts: { object: 'release prod-r0001' } } });
    expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
    world.faults = () => undefined;
    expect(await command()).toMatchObject({ outcome: 'succeeded' });
    expect(releases()).toEqual(['prod-r0003']);
    expect(observer.violations).toEqual([]);
  });
});

describe('somebody else', () => {
  const theirs = { name: 'www.example.org.', type: 'A', ttl: 60, values: ['203.0.113.7'] } as const;

  test('changes a name between plan and swap: their change stays, the candidate goes, and the run has failed (exit 1)', async () => {
    const { command, world, releases } = await production();
    await command();
    const edit = (event: { readonly type: string; readonly step?: string | undefined }): void => {
      if (event.type === 'stepStarted' && event.step === 'loadData') world.dns.edit('example-org', theirs.name, [theirs]);
    };
    const ended = await command({ operation: 'rebuild' }, { onEvent: edit });
    expect(ended).toMatchObject({ exitCode: 1, failure: { code: 'SwapConflict' } });
    expect(world.dns.served('www.example.org.')[0]?.records).toEqual([theirs]);
    expect(releases()).toEqual(['prod-r0001']);
  });

  test('has a name already: refused before anything is written, unless it is to be taken over', async () => {
    const { command, world, releases, publicReleases } = await production();
    world.dns.edit('example-org', theirs.name, [theirs]);
    await world.clock.sleep(5_000);
    expect(await command()).toMatchObject({ exitCode: 5, failure: { code: 'GuardFailed' } });
    expect(releases()).toEqual([]);
    expect(await command({ operation: 'rebuild' }, { environment: environmentWith({ swap: { replaceForeign: true } }) })).toMatchObject({ exitCode: 0 });
    expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  });

  test('has a namespace with our prefix: it is never touched', async () => {
    const { command, world } = await production();
    for (const name of ['prod-byhand', 'production-x']) await world.cluster.create({ apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await command();
    await command();
    const touched = world.requests.filter(({ text }) => /prod-byhand|production-x/.test(text));
    expect(touched).toEqual([]);
  });
});

describe('the wrong cluster', () => {
  test('is refused after one reading request, and nothing is written there', async () => {
    const { command, world } = await production();
    await expect(command({ operation: 'rebuild' }, { environment: environmentWith({ cluster: 'other' }) })).rejects.toMatchObject({ code: 'WrongCluster', exitCode: 5 });
    expect(world.requests.map(({ text }) => text)).toEqual(['cluster.identity']);
  });
});

describe('a server that does not answer', () => {
  test('is named before anything is installed', async () => {
    const { command, world, releases } = await production();
    const server = world.dns.served('www.example.org.')[1]?.server.name ?? '';
    world.dns.silence(server);
    const ended = await command();
    expect(ended).toMatchObject({ exitCode: 5, failure: { code: 'GuardFailed' } });
    expect(ended?.failure?.facts.summary).toContain(server);
    expect(releases()).toEqual([]);
  });
});

describe('rehearsing', () => {
  test('does everything up to the swap, and leaves nothing', async () => {
    const { command, world, releases, publicReleases } = await production();
    await command();
    expect(await command({ operation: 'rehearse' })).toMatchObject({ exitCode: 0 });
    expect(releases()).toEqual(['prod-r0001']);
    expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    expect(world.requests.filter(({ text, process }) => text.startsWith('dns.change') && process === 2)).toEqual([]);
  });
});

describe('rolling back', () => {
  test('moves the names back to the release that was live before, and keeps both', async () => {
    const { command, releases, publicReleases, observer } = await production();
    const environment = environmentWith({ deleteExisting: false });
    await command({ operation: 'rebuild' }, { environment });
    await command({ operation: 'rebuild' }, { environment });
    expect(await command({ operation: 'rollback' }, { environment })).toMatchObject({ exitCode: 0 });
    expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    expect(releases()).toEqual(['prod-r0001', 'prod-r0002']);
    expect(observer.violations).toEqual([]);
  });

  test('to a release that does not work any more leaves the names where they are', async () => {
    const { command, world, publicReleases } = await production();
    const environment = environmentWith({ deleteExisting: false });
    await command({ operation: 'rebuild' }, { environment });
    await command({ operation: 'rebuild' }, { environment });
    world.sites.set('prod-r0001/ingress', { status: 500 });
    expect(await command({ operation: 'rollback' }, { environment })).toMatchObject({ exitCode: 1 });
    expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  });

  test('without anything to go back to is refused', async () => {
    const { command } = await production();
    await command();
    await expect(command({ operation: 'rollback' })).rejects.toMatchObject({ code: 'GuardFailed', exitCode: 5 });
  });
});
