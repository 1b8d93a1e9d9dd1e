// The record of a run: what is durable when, and what happens when a write's answer is lost.

import { expect, test } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import type { Failure } from '../../src/errors.ts';
import { createJournal } from '../../src/run/journal.ts';
import { runRecord } from '../../src/run/record.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { newRecord } from './engine-world.ts';
import { memoryRecords } from './memory-stores.ts';

const never = new AbortController().signal;

async function world() {
  const store = { ...memoryRecords() };
  const clock = new VirtualClock();
  const journal = await createJournal(newRecord(), { store, clock, lost: never });
  const stored = async () => runRecord.parse(JSON.parse((await store.read('run-1'))?.body ?? ''));
  return { store, clock, journal, stored };
}

test('what a step notes is durable when note() resolves, also when two parts of it note at once', async () => {
  const { journal, stored } = await world();
  await journal.begin('load');
  await Promise.all([journal.note('load', { a: 1 }), journal.note('load', { a: 1, b: 2 })]);
  expect((await stored()).steps).toMatchObject([{ name: 'load', state: 'running', noted: { a: 1, b: 2 } }]);
});

test('a write whose answer was lost is recognised as our own', async () => {
  const { store, journal, stored } = await world();
  const replace = store.replace;
  let lost = false;
  store.replace = async (id, body, version) => {
    const answer = await replace(id, body, version);
    if (lost) return answer;
    lost = true;
    throw new DriverError({ reason: 'timeout', attempted: 'PUT record' });
  };
  await journal.begin('install');
  await journal.complete('install', { uid: 'u' });
  expect((await stored()).steps).toMatchObject([{ state: 'done', output: { uid: 'u' } }]);
});

test('a record that somebody else changed ends the right to write', async () => {
  const { store, journal } = await world();
  const present = await store.read('run-1');
  await store.replace('run-1', '{}', present?.version ?? '');
  const refused = await journal.begin('install').catch((error: unknown) => error);
  expect((refused as Failure).code).toBe('LockLost');
});

test('a server that does not answer for a while delays the run and does not end it', async () => {
  const { store, clock, journal, stored } = await world();
  const replace = store.replace;
  let failures = 3;
  store.replace = async (id, body, version) => {
    failures -= 1;
    if (failures >= 0) throw new DriverError({ reason: 'unavailable', attempted: 'PUT record' });
    return replace(id, body, version);
  };
  const before = clock.now();
  await journal.begin('install');
  expect(clock.now() - before).toBe(250 + 500 + 1_000);
  expect((await stored()).steps).toMatchObject([{ state: 'running' }]);
});

test('a failure is kept without its cause, which may hold anything', async () => {
  const { journal, stored } = await world();
  await journal.fail('load', { code: 'LoadFailed', title: 'Loading the data failed', facts: { summary: 'job x', reason: 'exit 3' }, next: 'look' }, 'running');
  expect((await stored()).failure).toEqual({ step: 'load', code: 'LoadFailed', summary: 'job x', reason: 'exit 3' });
});

test('the number of warnings is bounded', async () => {
  const { journal, stored } = await world();
  for (let count = 0; count < 500; count += 1) journal.warn(`warning ${count}`);
  await journal.end('succeeded');
  expect((await stored()).warnings).toHaveLength(100);
});
