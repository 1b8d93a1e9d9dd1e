// What people are told of a run's end is what its record says: nobody hears of an end that could not be written, or hears of it twice.

import { expect, test } from 'vitest';
import { production, type Production } from '../../sim/production.ts';
import type { Fault } from '../../sim/requests.ts';
import { DriverError } from '../../src/drivers/failure.ts';

const isRecordWrite = (text: string): boolean => text.startsWith('cluster.replace configmaps changeover/changeover-prod-');

/** A rebuild whose last write of its record is struck; `meanwhile`: what somebody else does as soon as it is. */
async function struckAtTheEnd(fault: Fault, meanwhile: (made: Production) => Promise<unknown> = async () => undefined): Promise<Production> {
  const usual = await production();
  await usual.command();
  const last = usual.world.requests.filter(({ text }) => isRecordWrite(text)).length;
  const made = await production();
  let writes = 0;
  const other = Promise.withResolvers<unknown>();
  made.world.faults = ({ text }) => {
    if (!isRecordWrite(text) || (writes += 1) !== last) return undefined;
    other.resolve(meanwhile(made));
    return fault;
  };
  await Promise.all([made.command(), other.promise]);
  made.world.faults = () => undefined;
  return made;
}

function told({ world }: Production): readonly string[] {
  const first = world.notifications[0]?.runId;
  return world.notifications.filter(({ runId }) => runId === first).map(({ event }) => event);
}

test('an end that could not be written is told by the next process, once', async () => {
  const made = await struckAtTheEnd(new DriverError({ reason: 'forbidden', attempted: 'replace ConfigMap' }));
  expect(told(made)).toEqual(['started']);
  await made.command();
  expect(told(made)).toEqual(['started', 'succeeded']);
});

test('a process that was stopped before it wrote the end, and overtaken meanwhile, tells nothing more', async () => {
  const made = await struckAtTheEnd({ fault: 'stopBefore', ms: 600_000 }, ({ command }) => command({ operation: 'rebuild' }, { holder: 'another/1' }));
  const [first, second] = made.commands;
  expect([first?.ended, second?.ended]).toMatchObject([{ performed: { failure: { code: 'LockLost' } } }, { performed: { outcome: 'succeeded' } }]);
  expect(told(made)).toEqual(['started', 'succeeded']);
});

test('an end that was written, and whose answer was lost, is told', async () => {
  expect(told(await struckAtTheEnd('lostAnswer'))).toEqual(['started', 'succeeded']);
});
