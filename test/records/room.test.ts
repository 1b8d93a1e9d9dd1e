// A record keeps within what its store takes: refused at the start when it could outgrow it, and ended in order when it does.

import { expect, test } from 'vitest';
import { chart, production, environmentWith } from '../../sim/production.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { createJournal } from '../../src/run/journal.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { newRecord, attempt, makeStep, type Trace } from '../run/engine-world.ts';
import { memoryRecords } from '../run/memory-stores.ts';

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'harvester' }, data: { password: Buffer.from('secret').toString('base64') } };
const address = 'https://config.example.org/data.json';
const never = new AbortController().signal;

/** So many names, about as long as names may be; the checks use the first. */
function names(count: number): readonly object[] {
  const long = Array.from({ length: 3 }, () => 'a-label-of-sixty-characters-which-is-longer-than-most-of-them').join('.');
  const others = Array.from({ length: count - 1 }, (_, index) => ({ zone: 'second-org', name: `${index}.${long}.second.org.`, service: 'ingress' }));
  return [{ zone: 'example-org', name: 'www.example.org.', service: 'ingress' }, ...others];
}

test('a run of two hundred long names, with a job list of two thousand jobs that fail, fits', async () => {
  const failing = Array.from({ length: 2_000 }, (_, index) => `collection ${index}`);
  const dataConfig = JSON.stringify({ jobConfigurations: failing.map((description) => ({ description })) });
  const made = await production({ harvester: { failingJobs: failing }, charts: { '/chart': { ...chart, objects: [...chart.objects, secret] } }, dataConfig: address, pages: { [address]: { body: dataConfig } } });
  const environment = environmentWith({
    dns: names(200),
    strictErrorChecking: false,
    dataConfig: address,
    load: [{ name: 'harvest', jobList: { credentials: { username: 'loader', password: { secret: { name: 'harvester', key: 'password' } } } }, timeout: '1h' }],
  });
  let longest = 0;
  made.world.cluster.inside.store.subscribe(({ kind, object }) => {
    if (kind.plural === kinds.configMap.plural) longest = Math.max(longest, JSON.stringify(object).length);
  });
  expect(await made.command({ operation: 'rebuild' }, { environment })).toMatchObject({ outcome: 'succeeded' });
  expect(await made.command({ operation: 'rebuild' }, { environment })).toMatchObject({ outcome: 'succeeded' });
  expect(longest).toBeGreaterThan(150_000);
  expect(longest).toBeLessThan(900 * 1_024);
}, 60_000);

test('a plan that could outgrow its record is refused before anything is written', async () => {
  const made = await production();
  const environment = environmentWith({ dns: names(1_500) });
  const refused = await made.command({ operation: 'rebuild' }, { environment }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'RecordFull', exitCode: 1 });
  expect(made.releases()).toEqual([]);
  expect(await made.records()).toEqual([]);
}, 60_000);

test('a step that has more to note than there is room for fails, and what was done is undone and recorded', async () => {
  const trace: Trace = [];
  const greedy = makeStep('load', trace, { act: (context) => context.note({ text: 'x'.repeat(1_000_000) }) });
  const { result, record } = await attempt({ name: 'try', steps: [makeStep('install', trace), greedy] });
  expect(result).toMatchObject({ outcome: 'failed', failure: { code: 'RecordFull' } });
  expect(trace).toEqual(['install', 'load', 'undo load', 'undo install']);
  expect(record).toMatchObject({ outcome: 'failed', failure: { code: 'RecordFull', step: 'load' } });
});

test('warnings are kept by their beginning, and the last hundred of them', async () => {
  const store = memoryRecords();
  const journal = await createJournal(newRecord(), { store, clock: new VirtualClock(), lost: never });
  for (let index = 0; index < 150; index++) journal.warn(`${index} ${'w'.repeat(10_000)}`);
  await journal.begin('load');
  expect(journal.record.warnings).toHaveLength(100);
  expect(journal.record.warnings[0]).toMatch(/^50 w{496}…$/);
});
