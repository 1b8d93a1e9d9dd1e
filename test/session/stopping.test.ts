// A run that is asked to stop while nobody answers it: it gives up what it only asks, and waits for what it has sent.

import { expect, test } from 'vitest';
import { Failure } from '../../src/errors.ts';
import type { Drivers } from '../../src/drivers/drivers.ts';
import { untilStopped } from '../../src/session/questions.ts';
import { production } from '../../sim/production.ts';

const interrupted = new Failure('Interrupted', { summary: 'it was asked to stop (SIGINT)', exitCode: 130 });

test('a question that hangs for ten seconds does not delay the end of the run', async () => {
  const { command, world } = await production();
  const stop = new AbortController();
  let askedAt = 0;
  const performed = await command({ operation: 'rebuild' }, {
    stop: stop.signal,
    connect: (drivers) => {
      const find = async (): Promise<never> => {
        askedAt = world.clock.now();
        stop.abort(interrupted);
        await world.clock.sleep(10_000);
        throw new Error('nobody hears this');
      };
      return { ...drivers, helm: Object.assign(Object.create(drivers.helm) as Drivers['helm'], { find }) };
    },
  });
  expect(performed).toMatchObject({ outcome: 'interrupted', exitCode: 130 });
  expect(askedAt).toBeGreaterThan(0);
  expect(world.clock.now() - askedAt).toBeLessThan(1_000);
});

test('what writes is waited for: to leave with an effect unknown would be worse than to be late', async () => {
  const { world } = await production();
  const stop = new AbortController();
  const slow = async (): Promise<never> => {
    await world.clock.sleep(10_000);
    throw new Error('refused in the end');
  };
  const { drivers } = world.start();
  const cluster = Object.assign(Object.create(drivers.cluster) as Drivers['cluster'], { delete: slow, get: slow });
  const stopped = untilStopped({ ...drivers, cluster }, stop.signal);
  stop.abort(interrupted);
  const nothing = {} as never;
  await expect(stopped.cluster.get(nothing)).rejects.toBe(interrupted);
  await expect(stopped.cluster.delete(nothing, '')).rejects.toThrow('refused in the end');
});
