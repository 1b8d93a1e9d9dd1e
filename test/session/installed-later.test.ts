// A run that was begun from a laptop, before the chart of the runner was installed, and that a pod of the runner has to finish.

import { expect, test } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { installerName, runnerBindingName } from '../../src/plan/runner-names.ts';
import { prepared } from '../../sim/prepared.ts';
import { environmentWith, production, type CommandOptions, type Production } from '../../sim/production.ts';
import { installedObjects } from '../../sim/rights.ts';
import { findKind } from '../../sim/cluster/kinds.ts';

const keeping = environmentWith({ deleteExisting: false });

/** A second rebuild dies as a step begins; then the chart is installed, and a pod comes. */
async function podAfterDeathIn(step: string): Promise<Production> {
  const laptop = await production();
  await laptop.command({ operation: 'rebuild' }, { environment: keeping });
  const onEvent: CommandOptions['onEvent'] = (event, process) => {
    if (event.type === 'stepStarted' && event.step === step) process.kill();
  };
  expect(await laptop.command({ operation: 'rebuild' }, { environment: keeping, onEvent })).toBeUndefined();
  for (const object of installedObjects({ environment: 'prod', namespace: 'changeover' })) {
    const kind = findKind(object.apiVersion, object.kind);
    if (kind !== undefined && object.kind !== 'Namespace') await laptop.world.cluster.create(kind, object);
  }
  return production({ installed: 'pod', from: await prepared(laptop.world) });
}

const requested = ({ world }: Production): string => world.requests.map(({ text }) => text).join('\n');

test.each(['installRelease', 'waitUntilReady', 'loadData', 'verifyRelease', 'swapNames', 'drainPrevious'])('in %s is completed by it, with Helm as each release’s installer', async (step) => {
  const pod = await podAfterDeathIn(step);
  const performed = await pod.command({ operation: 'rebuild' }, { environment: keeping });
  expect(performed).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  expect(pod.releases()).toEqual(['prod-r0001', 'prod-r0002']);
  expect(pod.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  expect(pod.said).toContain('a runner has been installed since this run was planned: Helm works as the installer of each release');
});

test('is unwound by it as well, when its configuration has changed: the candidate goes with Helm’s own account', async () => {
  const pod = await podAfterDeathIn('verifyRelease');
  await pod.command({ operation: 'rehearse' }, { environment: keeping });
  expect(pod.releases()).toEqual(['prod-r0001']);
  expect(requested(pod)).toContain('helm.uninstall prod-r0002');
  expect(pod.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
});

test('has its candidate bound before anything in it is touched', async () => {
  const pod = await podAfterDeathIn('loadData');
  await pod.command({ operation: 'rebuild' }, { environment: keeping });
  const { store } = pod.world.cluster.inside;
  expect(store.all(kinds.roleBinding, 'prod-r0002').map(({ metadata }) => metadata.name)).toEqual([installerName, runnerBindingName]);
});
