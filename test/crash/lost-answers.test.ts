// An answer that is lost, of anything that writes: what happened is found out by looking, and the run goes on.

import { expect, test } from 'vitest';
import { production, type Production } from '../../sim/production.ts';
import type { Scenario } from '../../sim/world.ts';

/** The first request of this text in a second rebuild is done, and its answer does not come. */
async function unanswered(text: string, scenario: Scenario = {}): Promise<Production & { readonly exitCode: number | undefined }> {
  const made = await production(scenario);
  await made.command();
  let left = 1;
  made.world.faults = (request) => {
    if (left === 0 || !request.text.startsWith(text)) return undefined;
    left -= 1;
    return 'lostAnswer';
  };
  const performed = await made.command();
  expect(left).toBe(0);
  return { ...made, exitCode: performed?.exitCode };
}

test.each(['dns.change', 'helm.uninstall', 'cluster.patch Namespace', 'cluster.create namespaces', 'cluster.create jobs', 'cluster.replace configmaps', 'cluster.delete Namespace'])('%s', async (text) => {
  const { exitCode, publicReleases, releases, observer } = await unanswered(text);
  expect(exitCode).toBe(0);
  expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  expect(releases()).toEqual(['prod-r0002']);
  expect(observer.violations).toEqual([]);
});

test.each(['cluster.create rolebindings', 'cluster.create serviceaccounts', 'cluster.token'])('%s, of an installed runner', async (text) => {
  const { exitCode, publicReleases } = await unanswered(text, { installed: 'pod' });
  expect(exitCode).toBe(0);
  expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
});
