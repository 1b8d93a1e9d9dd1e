// What --debug tells of the drivers' calls, and what it never tells.

import { expect, it } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { traced } from '../../src/drivers/trace.ts';
import { object } from '../support/objects.ts';
import { production } from '../../sim/production.ts';

async function tracedDrivers() {
  const lines: string[] = [];
  const { drivers, clock } = (await production()).world.start();
  return { lines, drivers: traced(drivers, { tell: (line) => lines.push(line.replace(/\d+ ms/, '… ms')), clock }) };
}

it('each call is told by its name, what it is about, and how it ended', async () => {
  const { lines, drivers } = await tracedDrivers();
  await drivers.cluster.create(kinds.namespace, object('v1 Namespace', 'changeover'));
  await drivers.cluster.get({ kind: kinds.configMap, name: 'a', namespace: 'changeover' });
  await drivers.records.read('20260101-000000-aaaaa');
  expect(lines).toEqual(['cluster.create Namespace changeover: done in … ms', 'cluster.get ConfigMap changeover a: done in … ms', 'records.read: done in … ms']);
});

it('a call that fails is told with its reason, and fails as before', async () => {
  const { lines, drivers } = await tracedDrivers();
  const release = object('v1 ConfigMap', 'a', { namespace: 'changeover' });
  await drivers.cluster.create(kinds.namespace, object('v1 Namespace', 'changeover'));
  await drivers.cluster.create(kinds.configMap, release);
  await expect(drivers.cluster.create(kinds.configMap, release)).rejects.toMatchObject({ reason: 'conflict' });
  expect(lines.at(-1)).toBe('cluster.create ConfigMap changeover a: conflict in … ms');
});

it('no content is told: neither of objects, nor of requests, nor of records', async () => {
  const { lines, drivers } = await tracedDrivers();
  await drivers.cluster.create(kinds.namespace, object('v1 Namespace', 'changeover'));
  await drivers.cluster.create(kinds.secret, object('v1 Secret', 'a', { namespace: 'changeover', data: { password: 'hidden' }, annotations: { note: 'hidden' } }));
  await drivers.http.request({ method: 'GET', url: 'http://user:hidden@www.example.org/?token=hidden', headers: { authorization: 'hidden' }, timeoutMs: 1_000 }).catch(() => undefined);
  await drivers.records.create('hidden', 'hidden').catch(() => undefined);
  expect(lines).toHaveLength(4);
  expect(lines.join('\n')).not.toContain('hidden');
});
