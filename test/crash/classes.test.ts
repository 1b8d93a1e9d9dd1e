// Which deaths are taken for the same: every boundary is in one class, all of a class leave the same behind, and the comparison sees whatever matters.

import { beforeAll, describe, expect, test } from 'vitest';
import { boundariesOf, leftBy, undisturbed, type Undisturbed } from '../../sim/boundaries.ts';
import { classesOf, type Class } from '../../sim/boundaries/classes.ts';
import { frozen } from '../../sim/boundaries/frozen.ts';
import { findSubject } from '../../sim/boundaries/subjects.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { production, type Production } from '../../sim/production.ts';

describe.each([['give-back', 1], ['adopt', 1], ['cancel-live', 1], ['rollback', 4]])('%s', (name, every) => {
  let usual: Undisturbed;
  let classes: readonly Class[];
  beforeAll(async () => {
    usual = await undisturbed(findSubject(name));
    classes = await classesOf(usual);
  }, 60_000);

  test('all deaths of a class leave the very same world, those between its first and its last as well', { timeout: 60_000 }, async () => {
    for (const alike of classes) {
      const left = new Set<string>();
      for (const dying of alike.filter((_, place) => place % every === 0)) left.add(frozen((await leftBy(usual, dying)).production));
      expect([alike[0], left.size]).toEqual([alike[0], 1]);
    }
    expect(classes.flat()).toHaveLength(boundariesOf(usual).length);
  });

  test('a death before a write and one after it are never of one class', () => {
    const isOf = (nth: number, fault: string): number => classes.findIndex((alike) => alike.some((dying) => dying.nth === nth && dying.fault === fault));
    const writes = usual.requests.flatMap((text, nth) => (/^(cluster\.(create|replace|delete)|dns\.change|helm\.(install|uninstall)) /.test(text) ? [nth] : []));
    expect(writes.length).toBeGreaterThan(0);
    for (const nth of writes) expect([usual.requests[nth], isOf(nth, 'kill')]).not.toEqual([usual.requests[nth], isOf(nth, 'killAfter')]);
  });
});

describe('two worlds are told apart by', () => {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'note', namespace: 'default' } };

  test.each<readonly [string, (world: Production['world']) => unknown]>([
    ['an object', ({ cluster }) => cluster.create(kinds.configMap, configMap)],
    [
      'an object that came and went',
      async ({ cluster }) => {
        const { metadata } = await cluster.create(kinds.configMap, configMap);
        await cluster.delete({ kind: kinds.configMap, namespace: 'default', name: 'note' }, metadata.uid ?? '');
      },
    ],
    ['an answer of a zone', ({ dns }) => dns.edit('example-org', 'www.example.org.', [{ name: 'www.example.org.', type: 'A', ttl: 60, values: ['192.0.2.99'] }])],
    ['a text beside a name', ({ dns }) => dns.editText('example-org', '_changeover.www.example.org.', ['of another'])],
    ['what chance has given', ({ random }) => random.next()],
    ['what is still to come', ({ clock }) => clock.after(1_000, () => undefined)],
    ['the time', ({ clock }) => clock.sleep(1)],
    ['what somebody else was asked for', ({ start }) => start().drivers.cluster.identity()],
    ['how a site answers', ({ sites }) => sites.set('prod-r0001/ingress', { status: 503 })],
    ['how pods behave', ({ cluster }) => cluster.behaviours.set('Job/loader', { outcome: 'fails' })],
    ['what was told to people', ({ notifications }) => (notifications as unknown[]).push({ event: 'failed' })],
  ])('%s', async (_, change) => {
    expect(await after(() => undefined)).toBe(await after(() => undefined));
    expect(await after(change)).not.toBe(await after(() => undefined));
  });

  /** A rebuild. */
  async function after(change: (world: Production['world']) => unknown): Promise<string> {
    const made = await production();
    await made.command();
    await change(made.world);
    return frozen(made);
  }
});

test('the dead leave no timer behind: nothing of them is still to come', async () => {
  const { world } = await production();
  const process = world.start();
  const before = world.clock.due();
  void process.clock.sleep(3_600_000);
  expect(world.clock.due()).toHaveLength(before.length + 1);
  process.kill();
  expect(world.clock.due()).toEqual(before);
});
