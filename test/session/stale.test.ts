// A runner that wakes up when another has taken over: it goes without touching anything that is kept.

import { expect, test } from 'vitest';
import { environmentWith, production } from '../../sim/production.ts';
import { paused } from './paused.ts';

test('whoever has lost the lock writes nothing any more, and removes no records of earlier runs', async () => {
  const { command, world } = await production();
  await command();
  await command();
  const pause = paused('helm', 'manifest');
  const first = command({ operation: 'rebuild' }, { connect: pause.connect, holder: 'first/1', environment: environmentWith({ runner: { keepRecords: 1 } }) });
  await pause.begun;
  const before = world.requests.length;
  const second = command({ operation: 'rebuild' }, {
    holder: 'second/1',
    onEvent: ({ type }) => {
      if (type === 'runStarted') pause.end();
    },
  });
  expect(await first).toMatchObject({ outcome: 'failed', failure: { code: 'LockLost' } });
  expect(await second).toMatchObject({ outcome: 'succeeded' });
  const late = world.requests.slice(before).filter(({ process, writes }) => process === 3 && writes);
  // By the refusal of this one it learns of its loss.
  expect(late.map(({ text }) => text)).toEqual(['cluster.replace leases changeover/changeover-prod']);
});

test('whoever was held up until the lease had run out, and another has it, begins no record', async () => {
  const { command, world } = await production();
  await command();
  const pause = paused('helm', 'render');
  const first = command({ operation: 'rebuild' }, { connect: pause.connect, holder: 'first/1' }).catch((error: unknown) => error);
  await pause.begun;
  const before = world.requests.length;
  // Its successor has died as soon as it had the lock: it has touched no record yet.
  const second = command({ operation: 'rebuild' }, { holder: 'second/1' });
  world.faults = ({ process, text }) => (process === 3 && text.startsWith('cluster.replace leases') ? 'killHeard' : undefined);
  await second;
  pause.end();
  expect(JSON.stringify(await first)).toContain('LockLost');
  const late = world.requests.slice(before).filter(({ process, text }) => process === 2 && /^cluster\.(create|replace) configmaps/.test(text));
  expect(late).toEqual([]);
});

test('a record that was on its way when its runner was put to sleep comes late: nobody goes on with that plan', async () => {
  const { command, world, records, releases } = await production();
  const environment = environmentWith({ deleteExisting: false });
  await command({ operation: 'rebuild' }, { environment });
  world.faults = ({ text }) => (text.startsWith('cluster.create configmaps') ? { fault: 'stopBefore', ms: 120_000 } : undefined);
  const first = command({ operation: 'rebuild' }, { environment, holder: 'first/1' });
  await world.clock.sleep(5_000);
  world.faults = () => undefined;
  expect(await command({ operation: 'rebuild' }, { environment, holder: 'second/1' })).toMatchObject({ outcome: 'succeeded' });
  expect(await first).toMatchObject({ outcome: 'failed', failure: { code: 'LockLost' } });
  expect((await records()).filter(({ outcome }) => outcome === 'running')).toHaveLength(1);
  expect(await command({ operation: 'rebuild' }, { environment })).toMatchObject({ outcome: 'succeeded' });
  expect((await records()).map(({ outcome }) => outcome).toSorted()).toEqual(['failed', 'succeeded', 'succeeded', 'succeeded']);
  expect(releases()).toHaveLength(3);
});
