// Names that do not move at once (I1), and a rollback that goes too far (I4): found when done by hand, silent where others are to blame.

import { describe, expect, test } from 'vitest';
import { environmentWith } from '../../sim/production.ts';
import type { RunnerProcess } from '../../sim/world.ts';
import { addressOf, installed, live, lockedProcess, watchedProduction, www, type WatchedProduction } from './watched.ts';

const search = 'search.second.org.';
const search2 = 'search.example.org.';
const other = 'prod-other';

/** Leads one name there, as a correct compare-and-swap. */
async function lead({ drivers: { dns } }: RunnerProcess, made: WatchedProduction, { name, release = other }: { readonly name: string; readonly release?: string }): Promise<void> {
  const zone = await dns.zone(name.endsWith('second.org.') ? 'second-org' : 'example-org');
  const values = [await addressOf(made, release, name === www ? 'ingress' : 'search')];
  await dns.change(zone, { expected: await dns.read(zone, name), desired: [{ name, type: 'A', ttl: 60, values }] });
}

async function rogueWithRelease(made: WatchedProduction): Promise<RunnerProcess> {
  const rogue = await lockedProcess(made);
  await installed(rogue, made, other);
  return rogue;
}

describe('I1: all names move at once', () => {
  const late = 'ms after zone example-org: the names led to different releases meanwhile';

  test('a zone that is left behind until another has moved is found', async () => {
    const made = await watchedProduction();
    const rogue = await rogueWithRelease(made);
    await lead(rogue, made, { name: www });
    await made.world.clock.sleep(5_000);
    await lead(rogue, made, { name: search });
    expect(made.found('I1').join()).toContain(`zone second-org was changed 5020 ${late}`);
  });

  test('both zones in one moment are as it should be', async () => {
    const made = await watchedProduction();
    const rogue = await rogueWithRelease(made);
    await Promise.all([www, search].map((name) => lead(rogue, made, { name })));
    expect(made.found('I1').join()).not.toContain('zone');
  });

  test.each(['errorBefore', { fault: 'slow', ms: 5_000 }, { fault: 'stopBefore', ms: 5_000 }] as const)('a zone that was held up is nobody\'s choice: %o', async (fault) => {
    const made = await watchedProduction();
    const rogue = await rogueWithRelease(made);
    await lead(rogue, made, { name: www });
    made.world.faults = ({ text }) => (text.startsWith('dns.read second-org') ? fault : undefined);
    await lead(rogue, made, { name: search }).catch(() => undefined);
    made.world.faults = () => undefined;
    await made.world.clock.sleep(5_000);
    await lead(rogue, made, { name: search });
    expect(made.found('I1').join()).not.toContain(late);
  });

  test('a zone whose names move in two changes is found', async () => {
    const dns = [{ zone: 'example-org', name: www, service: 'ingress' }, { zone: 'example-org', name: search2, service: 'search-ingress' }];
    const made = await watchedProduction({ environment: environmentWith({ dns }) });
    expect(made.watched.settle()).toEqual([]);
    const rogue = await rogueWithRelease(made);
    await lead(rogue, made, { name: www });
    const between = 'after a change of zone example-org its names lead to prod-other and prod-r0001';
    expect(made.found('I1')).toContain(between);
  });
});

describe('I4: a rollback goes back by one release', () => {
  /** Three releases, the last of which is live, and a process that was asked for a rollback, and does as it likes. */
  async function rollingBack(to?: string): Promise<{ readonly made: WatchedProduction; readonly rogue: RunnerProcess }> {
    const made = await watchedProduction({ environment: environmentWith({ deleteExisting: false }) });
    await made.command();
    await made.command();
    const rogue = await lockedProcess(made);
    Object.assign(made.commands.at(-1) ?? {}, { process: rogue.number, intent: { operation: 'rollback', ...(to === undefined ? {} : { to }) } });
    return { made, rogue };
  }

  test('two releases back are found', async () => {
    const { made, rogue } = await rollingBack();
    await lead(rogue, made, { name: www, release: live });
    expect(made.found('I4').join()).toContain(`has led names to ${live}, and the public was on prod-r0003 before it`);
  });

  test('one is what was asked for', async () => {
    const { made, rogue } = await rollingBack();
    await lead(rogue, made, { name: www, release: 'prod-r0002' });
    expect(made.found('I4')).toEqual([]);
  });

  test('from the middle of a move, the release that was live before it is the one', async () => {
    const made = await watchedProduction({ environment: environmentWith({ deleteExisting: false }) });
    await made.command();
    const first = await rogueWithRelease(made);
    await lead(first, made, { name: www });
    const rogue = await lockedProcess(made);
    Object.assign(made.commands.at(-1) ?? {}, { process: rogue.number, intent: { operation: 'rollback' } });
    await lead(rogue, made, { name: www, release: 'prod-r0002' });
    expect(made.found('I4')).toEqual([]);
    await lead(rogue, made, { name: www, release: live });
    expect(made.found('I4').join()).toContain(`has led names to ${live}`);
  });

  test('to a release that was named is another matter', async () => {
    const { made, rogue } = await rollingBack(live);
    await lead(rogue, made, { name: www, release: live });
    expect(made.found('I4')).toEqual([]);
  });
});
