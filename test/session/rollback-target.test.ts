// `rollback --to X` while an earlier run is unfinished: whole commands, and where the public stands after them.

import { expect, test } from 'vitest';
import { environmentWith, production, type Production } from '../../sim/production.ts';

const environment = environmentWith({ deleteExisting: false });

/** Three releases, the third one live. */
async function threeReleases(): Promise<Production> {
  const made = await production();
  for (let count = 0; count < 3; count += 1) await made.command({ operation: 'rebuild' }, { environment });
  expect(made.publicReleases()).toEqual(['prod-r0003', 'prod-r0003']);
  return made;
}

/** The operation's process dies a second into this step. */
async function killedIn(step: string, { made, intent }: { readonly made: Production; readonly intent: Parameters<Production['command']>[0] }): Promise<void> {
  const performed = await made.command(intent, {
    environment,
    onEvent: (event, process) => {
      if (event.type === 'stepStarted' && event.step === step) made.world.clock.after(step === 'drainPrevious' ? 1_000 : 0, () => process.kill());
    },
  });
  expect(performed).toBeUndefined();
}

const outcomes = async ({ records }: Production) => (await records()).slice(3).map(({ operation, outcome }) => `${operation} ${outcome}`);

test('a rollback elsewhere that had moved nothing is unwound, and the public goes to the release that is named now', async () => {
  const made = await threeReleases();
  await killedIn('verifyRelease', { made, intent: { operation: 'rollback', to: 'prod-r0002' } });
  expect(await made.command({ operation: 'rollback', to: 'prod-r0001' }, { environment })).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  expect(await outcomes(made)).toEqual(['rollback failed', 'rollback succeeded']);
  expect(made.said.join('\n')).toContain('it was to lead to prod-r0002, and prod-r0001 is asked for');
  expect(made.observer.violations).toEqual([]);
});

test('a rollback elsewhere that had moved the names is completed first: at no time is the public back at the release that was left', async () => {
  const made = await threeReleases();
  await killedIn('drainPrevious', { made, intent: { operation: 'rollback', to: 'prod-r0002' } });
  expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  const seen = new Set<string | undefined>();
  const onEvent = (): void => made.publicReleases().forEach((release) => seen.add(release));
  expect(await made.command({ operation: 'rollback', to: 'prod-r0001' }, { environment, onEvent })).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  // While one zone has moved and the other has not, the public is on both; never on the third.
  expect([...seen].filter((release) => release !== undefined)).toEqual(['prod-r0002', 'prod-r0001']);
  expect(await outcomes(made)).toEqual(['rollback succeeded', 'rollback succeeded']);
  expect(made.observer.violations).toEqual([]);
});

test('the release that an unfinished rollback led away from is reached by taking that back, once', async () => {
  const made = await threeReleases();
  await killedIn('drainPrevious', { made, intent: { operation: 'rollback', to: 'prod-r0002' } });
  expect(await made.command({ operation: 'rollback', to: 'prod-r0003' }, { environment })).toMatchObject({ outcome: 'restored' });
  expect(made.publicReleases()).toEqual(['prod-r0003', 'prod-r0003']);
  expect(await outcomes(made)).toEqual(['rollback restored']);
});

test('an unfinished rebuild is taken back, and the public goes on to the release that is named', async () => {
  const made = await threeReleases();
  await killedIn('drainPrevious', { made, intent: { operation: 'rebuild' } });
  expect(made.publicReleases()).toEqual(['prod-r0004', 'prod-r0004']);
  expect(await made.command({ operation: 'rollback', to: 'prod-r0001' }, { environment })).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  expect(made.releases()).toEqual(['prod-r0001', 'prod-r0002', 'prod-r0003']);
  expect(made.observer.violations).toEqual([]);
});

test('a release that is not there is refused before the unfinished run is touched', async () => {
  const made = await threeReleases();
  await killedIn('drainPrevious', { made, intent: { operation: 'rollback', to: 'prod-r0002' } });
  const writes = made.world.requests.filter((request) => request.writes && request.text.startsWith('dns')).length;
  await expect(made.command({ operation: 'rollback', to: 'prod-typo1' }, { environment })).rejects.toMatchObject({ code: 'GuardFailed', exitCode: 5 });
  expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  expect(made.world.requests.filter((request) => request.writes && request.text.startsWith('dns'))).toHaveLength(writes);
  expect(await outcomes(made)).toEqual(['rollback running']);
});
