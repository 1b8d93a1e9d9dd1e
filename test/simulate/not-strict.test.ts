// What strictErrorChecking: false lets pass, and what it does not: a load job that could not be asked for is no violation, one that
// nobody asked for is.

import { describe, expect, test } from 'vitest';
import { failing, noFaults } from '../../sim/faults.ts';
import { environmentWith } from '../../sim/production.ts';
import type { RunnerProcess } from '../../sim/world.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { addressOf, answer, changeTo, installed, live, lockedProcess, watchedProduction, www, type WatchedProduction } from './watched.ts';

const lenient = environmentWith({ strictErrorChecking: false, verify: {} });
const strict = environmentWith({ strictErrorChecking: true, verify: {} });
const forbidden = new DriverError({ reason: 'forbidden', attempted: 'get Job', detail: '403' });

describe('without strict checking the public may be led to a release', () => {
  test.each([
    { what: 'whose load job may not be looked for', text: /^cluster\.get Job prod-r0002\/base-/ },
    { what: 'whose load job has a template that may not be read', text: /^cluster\.get Job prod-r0002\/loader/ },
    { what: 'whose load job may not be created', text: /^cluster\.create jobs prod-r0002/ },
    { what: 'whose load job may not be ended either', text: /^cluster\.(list pods|delete Job|get Job) prod-r0002\/?base-/ },
  ])('$what', async ({ text }) => {
    const made = await watchedProduction({ environment: lenient });
    made.world.faults = failing(text, forbidden, 20);
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
    expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
    expect(made.watched.settle()).toEqual([]);
  });

  test('whose load job has no template', async () => {
    const made = await watchedProduction({ environment: lenient });
    const environment = environmentWith({ strictErrorChecking: false, verify: {}, load: [{ name: 'base', job: { fromJob: 'mistyped' } }] });
    expect(await made.command({ operation: 'rebuild' }, { environment })).toMatchObject({ outcome: 'succeeded' });
    expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
    expect(made.watched.settle()).toEqual([]);
  });
});

describe('a process that keeps no rule is found', () => {
  test('when it leads the public to a release that nobody tried to load', async () => {
    const { made, rogue } = await withOther(lenient);
    await lead(made, rogue);
    expect(made.found('I1')).toContain(unfit);
  });

  test('when it was refused, asked again, was answered, and did not wait for what comes of it', async () => {
    const { made, rogue } = await withOther(lenient);
    await refused(made, rogue);
    await ask(rogue);
    await lead(made, rogue);
    expect(made.found('I1')).toContain(unfit);
  });

  test('when it was refused what belongs to another release', async () => {
    const { made, rogue } = await withOther(lenient);
    await refused(made, rogue, live);
    await lead(made, rogue);
    expect(made.found('I1')).toContain(unfit);
  });

  test('when it was refused, and checking is strict', async () => {
    const { made, rogue } = await withOther(strict);
    await refused(made, rogue);
    await lead(made, rogue);
    expect(made.found('I1')).toContain(unfit);
  });

  test('when a load runs of which it has not heard, and it did not try to end that', async () => {
    const { made, rogue } = await withOther(lenient);
    await refused(made, rogue);
    await rogue.drivers.cluster.create(kinds.job, running);
    await refused(made, rogue);
    await lead(made, rogue);
    expect(made.found('I1')).toContain(unfit);
  });

  test('but not when it was refused that, too', async () => {
    const { made, rogue } = await withOther(lenient);
    await rogue.drivers.cluster.create(kinds.job, running);
    await refused(made, rogue);
    await refused(made, rogue);
    await lead(made, rogue);
    expect(made.found('I1')).not.toContain(unfit);
  });

  test('but not when it was refused to the last, and checking is not strict', async () => {
    const { made, rogue } = await withOther(lenient);
    await refused(made, rogue);
    await lead(made, rogue);
    expect(made.found('I1')).not.toContain(unfit);
  });
});

const unfit = `${www} at ns1.example.org.: prod-other is not fit for the public`;

/** As the driver names its copies. */
const running = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'base-0123abcd-1', namespace: 'prod-other' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'never', image: 'loader:1' }] } } },
};

async function withOther(environment: typeof lenient): Promise<{ readonly made: WatchedProduction; readonly rogue: RunnerProcess }> {
  const made = await watchedProduction({ environment, scenario: { cluster: { behaviours: { 'Job/never': { outcome: 'never' } } } } });
  const rogue = await lockedProcess(made);
  await installed(rogue, made, 'prod-other');
  return { made, rogue };
}

async function lead(made: WatchedProduction, rogue: RunnerProcess): Promise<void> {
  await changeTo(rogue, [answer(await addressOf(made, 'prod-other'))]);
}

async function ask({ drivers }: RunnerProcess, namespace = 'prod-other'): Promise<void> {
  await drivers.cluster.get({ kind: kinds.job, namespace, name: 'loader' });
}

async function refused({ world }: WatchedProduction, rogue: RunnerProcess, namespace?: string): Promise<void> {
  world.faults = () => forbidden;
  await expect(ask(rogue, namespace)).rejects.toThrow('403');
  world.faults = noFaults;
}
