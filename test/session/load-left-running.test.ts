// A load Job whose creation was never heard of: it may load all the same, and must not do so beside the next try, behind the public's
// back, or in a release that was given up.

import { expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import { environmentWith, production, type Production } from '../../sim/production.ts';
import type { Faults } from '../../sim/requests.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { cancelRun } from '../../src/session/cancel.ts';

const forbidden = new DriverError({ reason: 'forbidden', attempted: 'get Job', detail: '403' });

/** The Job is made, the answer is lost, and who looks for it is refused once. */
function unheard(): Faults {
  const lost = failing(/^cluster\.create jobs prod-r0001\/base-/, 'lostAnswer');
  const refused = failing(/^cluster\.get Job prod-r0001\/base-/, forbidden);
  let isMade = false;
  return (request) => {
    const fault = lost(request);
    if (fault !== undefined) isMade = true;
    return fault ?? (isMade ? refused(request) : undefined);
  };
}

/** Names of our Jobs that may load. */
function loading({ world }: Production): readonly string[] {
  const jobs = world.cluster.inside.store.all(kinds.job).filter(({ metadata }) => metadata.annotations?.['changeover.dev/run'] !== undefined && metadata.deletionTimestamp === undefined);
  return jobs.filter(({ status }) => ((status as { readonly conditions?: readonly unknown[] } | undefined)?.conditions ?? []).length === 0).map(({ metadata }) => metadata.name);
}

test('without strict checking it is ended before the public is led to the release', async () => {
  const made = await production({ cluster: { behaviours: { 'Job/loader': { outcome: 'never' } } } }, { environment: environmentWith({ strictErrorChecking: false, verify: {} }) });
  made.world.faults = unheard();
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
  expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  expect(loading(made)).toEqual([]);
});

test('it is ended before the next try begins', async () => {
  const load = [{ name: 'base', job: { fromJob: 'loader' }, timeout: '10m', retries: 1 }];
  const made = await production({ cluster: { behaviours: { 'Job/loader': { afterMs: 60_000 } } } }, { environment: environmentWith({ load }) });
  made.world.faults = unheard();
  const most: number[] = [];
  made.world.onTraffic(() => void most.push(loading(made).length));
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
  expect(made.world.requests.filter(({ text }) => text.startsWith('cluster.create jobs'))).toHaveLength(2);
  expect(Math.max(...most)).toBe(1);
});

test('it is ended when another job fails before anybody heard of it, in a candidate that is kept for a look', async () => {
  const load = [{ name: 'fails', job: { spec: { template: { spec: { containers: [{ name: 'bad', image: 'loader:1' }] } } } } }, { name: 'base', job: { fromJob: 'loader' } }];
  const environment = environmentWith({ load, release: { chart: { path: '/chart' }, onFailure: 'keep' } });
  const made = await production({ cluster: { behaviours: { 'Job/loader': { outcome: 'never' }, 'Job/bad': { outcome: 'fails' } } } }, { environment });
  made.world.faults = failing(/^cluster\.create jobs prod-r0001\/base-/, { fault: 'answerSwallowed', ms: 30_000 });
  expect(await made.command()).toMatchObject({ outcome: 'failed' });
  expect(made.releases()).toEqual(['prod-r0001']);
  expect(loading(made)).toEqual([]);
});

test('it is ended when the runner died before it noted the Job, and its run is given up', async () => {
  const environment = environmentWith({ release: { chart: { path: '/chart' }, onFailure: 'keep' } });
  const made = await production({ cluster: { behaviours: { 'Job/loader': { outcome: 'never' } } } }, { environment });
  made.world.faults = failing(/^cluster\.create jobs/, 'killAfter');
  expect(await made.command()).toBeUndefined();
  expect(loading(made)).toHaveLength(1);
  await made.session({ operation: 'cancel', act: (session) => cancelRun(session, { wait: true }) });
  expect(made.world.requests.some(({ text }) => text.startsWith('cluster.delete Job prod-r0001/base-'))).toBe(true);
  expect(loading(made)).toEqual([]);
});
