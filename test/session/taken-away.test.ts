// A candidate that somebody lays hands on before the public moves: the public stays where it is, and the next run begins anew.

import { expect, test } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { labels } from '../../src/plan/ownership.ts';
import { requestDeletion } from '../../sim/cluster/inside.ts';
import { production, type Production } from '../../sim/production.ts';

const candidate = { kind: kinds.namespace, name: 'prod-r0002' };

/** A rebuild in which this happens to the candidate as soon as it is verified. */
async function disturbed(disturb: (world: Production['world']) => unknown): Promise<Production> {
  const made = await production();
  await made.command();
  await made.command({ operation: 'rebuild' }, {
    onEvent: (event) => {
      if (event.type === 'stepDone' && event.step === 'verifyRelease') disturb(made.world);
    },
  });
  return made;
}

test('without our label it is not given to the public, nor deleted; a human is called, and the next run goes well', async () => {
  const { command, commands, publicReleases, world } = await disturbed((disturbedWorld) => disturbedWorld.cluster.patch(candidate, { metadata: { labels: { [labels.environment]: null } } }));
  expect(commands.at(-1)?.ended).toMatchObject({ performed: { outcome: 'needsHuman', record: { failure: { code: 'SwapFailed', summary: expect.stringContaining('does not carry this environment') } } } });
  expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  expect(world.requests.filter(({ text, process }) => process === 2 && text.startsWith('dns.change'))).toEqual([]);
  expect(await command()).toMatchObject({ outcome: 'succeeded' });
  expect(publicReleases()).toEqual(['prod-r0003', 'prod-r0003']);
  expect(world.cluster.inside.store.get(kinds.namespace, undefined, 'prod-r0002')).toBeDefined();
});

test('while its namespace is going it is not given to the public, though its Services still have their addresses', async () => {
  const { command, commands, publicReleases, releases } = await disturbed(({ cluster: { inside } }) => {
    const namespace = inside.store.get(kinds.namespace, undefined, candidate.name);
    if (namespace !== undefined) requestDeletion(inside, kinds.namespace, namespace);
  });
  expect(commands.at(-1)?.ended).toMatchObject({ performed: { outcome: 'failed', record: { failure: { code: 'SwapFailed', summary: expect.stringContaining('is being deleted') } } } });
  expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  expect(releases()).toEqual(['prod-r0001']);
  expect(await command()).toMatchObject({ outcome: 'succeeded' });
});
